import Applier
import IPTables
import Inspection
import KubeProxy
import KubernetesAPI
import Planner
import ServiceModel

/// Everything that a command's sources say.
struct Sources {
  private let options: SourceOptions
  private let proxy: ProxyOptions
  let configuration: ProxyConfiguration
  /// The cluster's objects, where a source gives them.
  let snapshot: ClusterSnapshot?
  /// The rules that are, where a source gives them.
  let rules: [IPFamily: RuleSet]?

  /// Reads the sources. Warnings go to standard error.
  ///
  /// - Parameter needsObjects: whether rules alone are of no use.
  init(_ options: SourceOptions, _ proxy: ProxyOptions, needsObjects: Bool = false) async throws {
    self.options = options
    self.proxy = proxy
    var configuration = try Sources.configuration(proxy)
    snapshot = try await Sources.snapshot(
      options, proxy, configuration, isNeeded: needsObjects || !options.kernel && options.rules == nil)
    if let snapshot { configuration.nodeName = try Sources.nodeName(configuration, snapshot) }
    self.configuration = configuration
    rules = try await Sources.rules(options, proxy)
    guard snapshot != nil || rules != nil else { throw SourceError.none }
    // An empty file equals nothing and has no way for a packet: an answer from it would be about nobody's rules.
    if rules != nil, families.isEmpty { throw SourceError.noRules(options.rules ?? name, options.families) }
  }

  /// - Parameter nodeName: instead of this host's name.
  static func configuration(_ proxy: ProxyOptions, nodeName: String? = nil) throws -> ProxyConfiguration {
    // The daemon's file names its own way to the API server; who looks from elsewhere has another.
    var proxy = proxy
    if proxy.file.config != nil { proxy.client.kubeconfig = nil }
    do throws(ConfigurationErrors) {
      let loaded = try proxy.load(hostname: nodeName ?? HostName.current)
      for warning in loaded.warnings { StandardError.write("warning: \(warning)") }
      return loaded.configuration
    } catch {
      for error in error.errors { StandardError.write("error: \(error)") }
      throw InspectionExit.trouble
    }
  }

  private static func snapshot(
    _ options: SourceOptions, _ proxy: ProxyOptions, _ configuration: ProxyConfiguration, isNeeded: Bool
  ) async throws -> ClusterSnapshot? {
    if let path = options.manifests { return try manifests(path) }
    let master = proxy.client.master
    let kubeconfig = proxy.client.kubeconfig ?? configuration.kubeconfig
    // A pod's own service account counts only where nothing else answers.
    guard !kubeconfig.isEmpty || master != nil || isNeeded else { return nil }
    do {
      let connection = try ClusterSource.connection(kubeconfig: kubeconfig, master: master)
      return try await ClusterReader(
        connection: connection, nodeName: configuration.nodeName,
        readsServiceCIDRs: configuration.serviceSubnets == .cluster
      ).read()
    } catch is ClusterSource.NoAPIServer {
      return nil
    }
  }

  static func manifests(_ path: String) throws -> ClusterSnapshot {
    let contents = try ManifestLoader().load(path)
    for warning in contents.warnings { StandardError.write("warning: \(warning)") }
    for failure in contents.failures { StandardError.write("error: \(failure)") }
    // An object that is not valid is left out, as the daemon does; the daemon takes no such file either.
    if contents.isIncomplete { throw SourceError.incomplete(path) }
    return contents.snapshot()
  }

  /// On a machine that is none of the nodes one of them is taken, so that there is an answer at all.
  private static func nodeName(_ configuration: ProxyConfiguration, _ snapshot: ClusterSnapshot) throws -> String {
    let nodes = snapshot.nodes.keys.sorted()
    if nodes.contains(configuration.nodeName) { return configuration.nodeName }
    guard let first = nodes.first else {
      StandardError.write("warning: there is no Node \(configuration.nodeName); --hostname-override says which it is")
      return configuration.nodeName
    }
    // This host's name is a guess, one that was given is meant.
    guard configuration.nodeName == HostName.current.lowercased() else {
      throw SourceError.noSuchNode(configuration.nodeName, nodes)
    }
    if nodes.count > 1 {
      StandardError.write(
        "note: as node \(first) sees it; --hostname-override takes another (\(SourceError.few(nodes)))")
    }
    return first
  }

  private static func rules(_ options: SourceOptions, _ proxy: ProxyOptions) async throws -> [IPFamily: RuleSet]? {
    if options.kernel { return try await kernelRules(options.families, proxy) }
    if let path = options.rules { return try dump(path) }
    return nil
  }

  static func kernelRules(_ families: [IPFamily], _ proxy: ProxyOptions) async throws -> [IPFamily: RuleSet] {
    guard let choice = await Backend.detect(proxy.extensions.iptablesBackend) else {
      throw SourceError.noIPTables
    }
    let kernel = KernelRules(commands: SystemIPTables(IPTablesPrograms(choice.backend)))
    var rules: [IPFamily: RuleSet] = [:]
    for family in families { rules[family] = try await kernel.read(family) }
    // Only now: without the right to read, counts of rules are none.
    StandardError.write("note: rules of backend \(choice.backend.rawValue): \(choice.reason)")
    return rules
  }

  static func dump(_ path: String) throws -> [IPFamily: RuleSet] {
    var bytes: [UInt8] = []
    try FileSystem().read(path) { bytes.append(contentsOf: $0) }
    do throws(RestoreSyntaxError) {
      return try RuleDump(bytes.span).rules
    } catch {
      throw SourceError.rules(path, error)
    }
  }
}

extension Sources {
  /// What the rules that are looked at are called.
  var name: String {
    if options.kernel { return "kernel" }
    return options.rules.map { $0.split(separator: "/").last.map(String.init) ?? $0 } ?? "planned"
  }

  /// The families that there is anything to say of.
  var families: [IPFamily] { options.families.filter { rules == nil || rules?[$0] != nil } }

  /// The service subnets and where they came from; nil where they decide nothing: nobody says which they are, or the
  /// rules that are looked at are not planned from them.
  var serviceSubnets: String? {
    guard rules == nil, let snapshot, configuration.serviceSubnets != .unknown else { return nil }
    return configuration.serviceSubnets.text(in: snapshot)
  }

  /// What the planner goes by for these objects.
  func plannerOptions(
    _ family: IPFamily, snapshot: ClusterSnapshot, configuration: ProxyConfiguration? = nil
  ) -> PlannerOptions {
    let configuration = configuration ?? self.configuration
    let source = PlannerOptionsSource(
      configuration: configuration, extra: proxy.extensions.settings(dispatch: .auto))
    var features = rules?[family].map { HostFeatures(shownBy: $0) } ?? HostFeatures()
    for setting in options.hostFeature { features[keyPath: setting.feature.path] = setting.isOn }
    if configuration.conntrack.tcpBeLiberal { features.conntrackTCPLiberal = true }
    let host = HostView(
      interfaceAddresses: addresses(snapshot), features: [family: features])
    return source.options(family, snapshot: snapshot, host: host)
  }

  /// Addresses of the node's interfaces.
  private func addresses(_ snapshot: ClusterSnapshot?) -> [IPAddress] {
    if !options.interfaceAddress.isEmpty { return options.interfaceAddress.map(\.address) }
    if options.kernel { return Applier.InterfaceAddress.all().map(\.address) }
    return snapshot?.nodes[configuration.nodeName]?.addresses ?? []
  }

  /// The rules that should be.
  func planned(
    _ family: IPFamily, snapshot other: ClusterSnapshot? = nil, configuration: ProxyConfiguration? = nil
  ) throws -> RuleSet {
    guard let snapshot = other ?? snapshot else { throw SourceError.noObjects }
    let options = plannerOptions(family, snapshot: snapshot, configuration: configuration)
    return RuleSet(ClusterPlan(options: options, snapshot: snapshot))
  }

  /// What to explain or draw: the rules that are, or else those that should be.
  func scene(_ family: IPFamily) throws -> Scene {
    let planning = snapshot.map { plannerOptions(family, snapshot: $0) }
    let host = WalkHost(localAddresses: Set(addresses(snapshot)))
    if let rules = rules?[family] {
      return Scene(rules: rules, host: host, snapshot: snapshot, options: planning)
    }
    guard let snapshot, let planning else { throw SourceError.noObjects }
    return Scene(planning: snapshot, planning, host: host)
  }
}
