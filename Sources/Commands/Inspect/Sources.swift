import Applier
import Configuration
import IPTables
import Inspection
import KubeProxy
import KubernetesAPI
import Planner
import RuleAnalysis
import ServiceModel

/// The objects and rules that a command's sources provide.
struct Sources {
  private let options: SourceOptions
  private let proxy: any ProxyFlags
  let configuration: ProxyConfiguration
  /// The cluster's objects; nil if no source provides them.
  let snapshot: ClusterSnapshot?
  /// Existing rules, from the kernel or a file; nil if no source provides them.
  let rules: [IPFamily: RuleSet]?

  /// Reads the sources. Warnings go to standard error.
  ///
  /// - Parameter needsObjects: whether the command cannot work with rules alone.
  init(_ options: SourceOptions, _ proxy: any ProxyFlags, needsObjects: Bool = false) async throws {
    self.options = options
    self.proxy = proxy
    var configuration = try Sources.configuration(proxy)
    snapshot = try await Sources.snapshot(
      options, proxy, configuration, isNeeded: needsObjects || !options.kernel && options.rules == nil)
    if let snapshot { configuration.nodeName = try Sources.nodeName(configuration, snapshot) }
    self.configuration = configuration
    rules = try await Sources.rules(options, proxy)
    guard snapshot != nil || rules != nil else { throw SourceError.none }
    // An empty file is an error: it is more likely a failed dump than a host without rules.
    if rules != nil, families.isEmpty { throw SourceError.noRules(options.rules ?? name, options.families) }
  }

  /// - Parameter nodeName: used instead of this host's name.
  static func configuration(_ proxy: any ProxyFlags, nodeName: String? = nil) throws -> ProxyConfiguration {
    // The kubeconfig that the daemon's file names exists on its node only, so the command does not use it.
    var proxy = proxy
    if proxy.file.config != nil { proxy.client.kubeconfig = nil }
    do throws(ConfigurationErrors) {
      let loaded = try proxy.load(hostname: nodeName ?? LocalHostName.current)
      for warning in loaded.warnings { StandardError.write("warning: \(warning)") }
      return loaded.configuration
    } catch {
      for error in error.errors { StandardError.write("error: \(error)") }
      throw InspectionExit.trouble
    }
  }

  private static func snapshot(
    _ options: SourceOptions, _ proxy: any ProxyFlags, _ configuration: ProxyConfiguration, isNeeded: Bool
  ) async throws -> ClusterSnapshot? {
    for warning in proxy.client.warnings(manifests: options.manifests) { StandardError.write("warning: \(warning)") }
    if let path = options.manifests { return try manifests(path) }
    let master = proxy.client.master
    let kubeconfig = proxy.client.kubeconfig ?? configuration.kubeconfig
    // The pod's service account is used only if no other source is given and objects are needed.
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
    // At its start the daemon leaves out objects and documents that are not valid, and refuses a file that it cannot
    // read to its end. So does this command.
    if contents.isIncomplete { throw SourceError.incomplete(path) }
    return contents.snapshot()
  }

  /// If this machine is not one of the nodes, the first Node is used, so that the command has an answer.
  private static func nodeName(_ configuration: ProxyConfiguration, _ snapshot: ClusterSnapshot) throws -> String {
    let nodes = snapshot.nodes.keys.sorted()
    if nodes.contains(configuration.nodeName) { return configuration.nodeName }
    guard let first = nodes.first else {
      StandardError.write(
        "warning: there is no Node \(configuration.nodeName); set --hostname-override to the name of a Node")
      return configuration.nodeName
    }
    // A name that the user gave must match. This host's name is only a default, so another Node may replace it.
    guard configuration.nodeName == LocalHostName.current.lowercased() else {
      throw SourceError.noSuchNode(configuration.nodeName, nodes)
    }
    if nodes.count > 1 {
      StandardError.write(
        "note: as node \(first) sees it; --hostname-override selects another node (\(SourceError.few(nodes)))")
    }
    return first
  }

  private static func rules(_ options: SourceOptions, _ proxy: any ProxyFlags) async throws -> [IPFamily: RuleSet]? {
    if options.kernel { return try await kernelRules(options.families, proxy) }
    if let path = options.rules { return try dump(path) }
    return nil
  }

  static func kernelRules(_ families: [IPFamily], _ proxy: any ProxyFlags) async throws -> [IPFamily: RuleSet] {
    guard let choice = await Backend.detect(proxy.extensions.iptablesBackend) else {
      throw SourceError.noIPTables
    }
    let kernel = KernelRules(commands: SystemIPTables(IPTablesPrograms(choice.backend)))
    var rules: [IPFamily: RuleSet] = [:]
    let whyNoIPv6 = HostFacts.whyNoIPv6(KernelSysctls())
    for family in families {
      if family == .ipv6, let whyNoIPv6 {
        // The daemon leaves the family out as well.
        StandardError.write("note: ipv6 is left out: \(whyNoIPv6)")
        continue
      }
      rules[family] = try await kernel.read(family)
    }
    if rules.isEmpty { throw SourceError.noFamily(whyNoIPv6 ?? "no family was asked for") }
    // The note comes after reading: its reason can name counts of rules, which are wrong if they cannot be read.
    StandardError.write("note: rules of backend \(choice.backend.rawValue): \(choice.reason)")
    let remains = await ProxyRemains.read()
    for failure in remains.failures { StandardError.write("warning: cannot look for other rules: \(failure)") }
    for warning in remains.warnings(using: choice.backend) { StandardError.write("warning: \(warning)") }
    for family in remains.nftablesMode {
      StandardError.write(
        "warning: kube-proxy's nftables mode has a table, whose rules decide for new connections as well; a start of this "
          + "program and --cleanup delete it: nft \(family.rawValue) \(ProxyRemains.nftablesTable)")
    }
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
  /// The name of the rules in the output.
  var name: String {
    if options.kernel { return "kernel" }
    return options.rules.map { $0.split(separator: "/").last.map(String.init) ?? $0 } ?? "planned"
  }

  /// The families that the sources have rules of.
  var families: [IPFamily] { options.families.filter { rules == nil || rules?[$0] != nil } }

  /// The service subnets and where they came from; nil if they are not known, or if the rules come from a dump and not
  /// from a plan that depends on them.
  var serviceSubnets: String? {
    guard rules == nil, let snapshot, configuration.serviceSubnets != .unknown else { return nil }
    return configuration.serviceSubnets.text(in: snapshot)
  }

  /// The planner's options for these objects.
  func plannerOptions(
    _ family: IPFamily, snapshot: ClusterSnapshot, configuration: ProxyConfiguration? = nil
  ) -> PlannerOptions {
    let configuration = configuration ?? self.configuration
    let source = PlannerOptionsSource(
      configuration: configuration, extra: proxy.extensions.settings(dispatch: .auto, endpointRules: .auto))
    var features = rules?[family].map { RuleFeatures(shownBy: $0) } ?? RuleFeatures()
    // Rules in another form do not show whether the kernel has the match. The user who asks for this form wants to see
    // it.
    if proxy.extensions.endpointRules == .compact { features.bpf = true }
    for setting in options.hostFeature { features[keyPath: setting.feature.path] = setting.isOn }
    if configuration.conntrack.tcpBeLiberal { features.conntrackTCPLiberal = true }
    let host = PlannerSurroundings(
      interfaceAddresses: addresses(snapshot), features: [family: features])
    return source.options(family, snapshot: snapshot, host: host)
  }

  /// Addresses of the node's interfaces.
  private func addresses(_ snapshot: ClusterSnapshot?) -> [IPAddress] {
    if !options.interfaceAddress.isEmpty { return options.interfaceAddress.map(\.address) }
    if options.kernel { return Applier.InterfaceAddress.all().map(\.address) }
    return snapshot?.nodes[configuration.nodeName]?.addresses ?? []
  }

  /// The planned rules.
  func planned(
    _ family: IPFamily, snapshot other: ClusterSnapshot? = nil, configuration: ProxyConfiguration? = nil
  ) throws -> RuleSet {
    guard let snapshot = other ?? snapshot else { throw SourceError.noObjects }
    let options = plannerOptions(family, snapshot: snapshot, configuration: configuration)
    return RuleSet(ClusterPlan(options: options, snapshot: snapshot))
  }

  /// The scene to explain or draw: existing rules if a source provides them, or else planned rules.
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
