import Applier
import IPTables
import Inspection
import KubeProxy
import KubernetesAPI
import Planner
import ServiceModel

/// A source that cannot be used, or a question that lacks one.
enum SourceError: Error, CustomStringConvertible {
  case none
  case noObjects
  case rules(String, RestoreSyntaxError)
  case noNode

  var description: String {
    switch self {
    case .none: "a source is needed: --manifests PATH, --kubeconfig FILE, --kernel or --rules FILE"
    case .noObjects: "the objects are needed to know what should be: give --manifests PATH or --kubeconfig FILE"
    case .rules(let path, let error): "\(path): \(error)"
    case .noNode: "no node name: give --hostname-override NODE"
    }
  }
}

/// Everything that a command's sources say.
struct Sources {
  private let options: SourceOptions
  let configuration: ProxyConfiguration
  /// The cluster's objects, where a source gives them.
  let snapshot: ClusterSnapshot?
  /// The rules that are, where a source gives them.
  let rules: [IPFamily: RuleSet]?

  /// Reads the sources. Warnings go to standard error.
  init(_ options: SourceOptions) async throws {
    self.options = options
    var configuration = try Sources.configuration(options)
    snapshot = try await Sources.snapshot(options, configuration)
    if let snapshot { configuration.nodeName = Sources.nodeName(configuration, snapshot) }
    self.configuration = configuration
    rules = try await Sources.rules(options)
    guard snapshot != nil || rules != nil else { throw SourceError.none }
  }

  /// - Parameter nodeName: instead of this host's name.
  static func configuration(_ options: SourceOptions, nodeName: String? = nil) throws -> ProxyConfiguration {
    do throws(ConfigurationErrors) {
      let loaded = try options.proxy.load(hostname: nodeName ?? HostName.current)
      for warning in loaded.warnings { StandardError.write("warning: \(warning)") }
      return loaded.configuration
    } catch {
      for error in error.errors { StandardError.write("error: \(error)") }
      throw InspectionExit.trouble
    }
  }

  static func snapshot(_ options: SourceOptions, _ configuration: ProxyConfiguration) async throws -> ClusterSnapshot? {
    guard let path = options.manifests.manifests else { return nil }
    return try manifests(path)
  }

  static func manifests(_ path: String) throws -> ClusterSnapshot {
    let contents = try ManifestLoader().load(path)
    for warning in contents.warnings { StandardError.write("warning: \(warning)") }
    for failure in contents.failures { StandardError.write("error: \(failure)") }
    return contents.snapshot()
  }

  /// On a machine that is none of the nodes one of them is taken, so that there is an answer at all.
  private static func nodeName(_ configuration: ProxyConfiguration, _ snapshot: ClusterSnapshot) -> String {
    let nodes = snapshot.nodes.keys.sorted()
    guard let first = nodes.first, !nodes.contains(configuration.nodeName) else { return configuration.nodeName }
    if nodes.count > 1 {
      StandardError.write(
        "note: as node \(first) sees it; --hostname-override takes another (\(nodes.joined(separator: ", ")))")
    }
    return first
  }

  private static func rules(_ options: SourceOptions) async throws -> [IPFamily: RuleSet]? {
    if options.kernel { return try await kernelRules(options) }
    if let path = options.rules { return try dump(path) }
    return nil
  }

  static func kernelRules(_ options: SourceOptions) async throws -> [IPFamily: RuleSet] {
    let backend: Backend = options.proxy.extensions.iptablesBackend == .legacy ? .legacy : .nft
    let kernel = KernelRules(commands: SystemIPTables(IPTablesPrograms(backend)))
    var rules: [IPFamily: RuleSet] = [:]
    for family in options.families { rules[family] = try await kernel.read(family) }
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
  /// The families that there is anything to say of.
  var families: [IPFamily] { options.families.filter { rules == nil || rules?[$0] != nil } }

  /// What the planner goes by for these objects.
  func plannerOptions(
    _ family: IPFamily, snapshot: ClusterSnapshot, configuration: ProxyConfiguration? = nil
  ) -> PlannerOptions {
    let configuration = configuration ?? self.configuration
    let source = PlannerOptionsSource(
      configuration: configuration, extra: options.proxy.extensions.settings(dispatch: .auto))
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
