import Applier
import Configuration
import Glibc
import Inspection
import KubeProxy
import KubernetesAPI
import Logging
import Planner
import ServiceModel

/// Prints the rules that the daemon would program for the objects of manifests. Of the host it reads only the interface
/// addresses, and not even these if a flag gives others.
struct DryRun {
  var options: DryRunOptions
  var extra: ExtraSettings
  var configuration: ProxyConfiguration
  var logger: Logger

  /// Returns whether all objects are valid. The log names those that are not, and the rules of the others are printed.
  /// If a file cannot be read to its end, no rules are printed.
  func run(manifests path: String) throws -> Bool {
    let contents = try ManifestLoader().load(path)
    let warnings = SubnetWarnings(subnets: configuration.serviceSubnets, logger: logger)
    for ignored in contents.ignored { logger.debug("ignored: \(ignored)") }
    for warning in contents.warnings { logger.warning("\(warning)") }
    for failure in contents.failures { logger.error("\(failure)") }
    guard !contents.isIncomplete else {
      logger.error("no rules are printed, because \(path.printable) cannot be read to its end")
      return false
    }
    let snapshot = contents.snapshot()
    warnings.check(contents.services, in: snapshot)
    HealthPortWarnings(logger: logger).replace(contents.services)
    let node = snapshot.nodes[configuration.nodeName]
    if node == nil { logger.warning("\(MissingNode(configuration.nodeName, among: snapshot.nodes.keys))") }
    let checks = StartChecks(configuration, families: options.families, node: node, host: host)
    for warning in checks.warnings { logger.warning("configuration: \(warning)") }
    try print(snapshot)
    return contents.failures.isEmpty
  }

  /// The proxy would set the sysctl before it plans.
  private var features: RuleFeatures {
    var features = options.features
    if configuration.conntrack.tcpBeLiberal { features.conntrackTCPLiberal = true }
    return features
  }

  private var host: PlannerSurroundings {
    let given = options.interfaceAddress.map(\.address)
    return PlannerSurroundings(
      interfaceAddresses: given.isEmpty ? Applier.InterfaceAddress.all().map(\.address) : given,
      features: [.ipv4: features, .ipv6: features])
  }

  private func print(_ snapshot: ClusterSnapshot) throws {
    let source = PlannerOptionsSource(configuration: configuration, extra: extra)
    let host = host
    let plans = options.families.map { family in
      ClusterPlan(options: source.options(family, snapshot: snapshot, host: host), snapshot: snapshot)
    }
    for plan in plans { ClashLog(logger).warn(of: plan.clashes, plan.family) }
    let sink: DryRunText.Sink = { try FileDescriptorWriter.write($0, to: STDOUT_FILENO, path: "standard output") }
    switch options.output ?? .iptables {
    case .iptables:
      for plan in plans { try DryRunText(plan).write(to: sink) }
    case .json:
      // The output is one JSON document for all families.
      for (index, plan) in plans.enumerated() {
        try sink(Array((index == 0 ? "[\n" : ",\n").utf8))
        try DryRunJSON(plan).write(to: sink)
      }
      try sink(Array("]\n".utf8))
    }
  }
}
