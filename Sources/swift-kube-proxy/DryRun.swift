import Applier
import KubeProxy
import KubernetesAPI
import Logging
import Planner
import ServiceModel

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Prints the rules that would be programmed for the objects of manifests. It needs nothing of the host but the
/// addresses of its interfaces, and these only where no flag gives others.
struct DryRun {
  var options: DryRunOptions
  var extra: ExtraSettings
  var configuration: ProxyConfiguration
  var logger: Logger

  /// Returns whether all objects could be taken. Those that could not are named in the log, and the others' rules are
  /// printed; nothing is, if a document could not be taken apart.
  func run(manifests path: String) throws -> Bool {
    let contents = try ManifestLoader().load(path)
    let warnings = SubnetWarnings(subnets: configuration.serviceSubnets, logger: logger)
    for ignored in contents.ignored { logger.debug("ignored: \(ignored)") }
    for warning in contents.warnings { logger.warning("\(warning)") }
    for failure in contents.failures { logger.error("\(failure)") }
    guard !contents.isIncomplete else { return false }
    let snapshot = contents.snapshot()
    warnings.check(contents.services, in: snapshot)
    try print(snapshot)
    return contents.failures.isEmpty
  }

  /// The proxy would set the sysctl before it plans.
  private var features: HostFeatures {
    var features = options.features
    if configuration.conntrack.tcpBeLiberal { features.conntrackTCPLiberal = true }
    return features
  }

  private func print(_ snapshot: ClusterSnapshot) throws {
    let source = PlannerOptionsSource(configuration: configuration, extra: extra)
    let given = options.interfaceAddress.map(\.address)
    let host = HostView(
      interfaceAddresses: given.isEmpty ? Applier.InterfaceAddress.all().map(\.address) : given,
      features: [.ipv4: features, .ipv6: features])
    let plans = options.families.map { family in
      ClusterPlan(options: source.options(family, snapshot: snapshot, host: host), snapshot: snapshot)
    }
    let sink: DryRunText.Sink = { try FileDescriptorWriter.write($0, to: STDOUT_FILENO, path: "standard output") }
    switch options.output ?? .iptables {
    case .iptables:
      for plan in plans { try DryRunText(plan).write(to: sink) }
    case .json:
      // One document whatever the number of families.
      for (index, plan) in plans.enumerated() {
        try sink(Array((index == 0 ? "[\n" : ",\n").utf8))
        try DryRunJSON(plan).write(to: sink)
      }
      try sink(Array("]\n".utf8))
    }
  }
}
