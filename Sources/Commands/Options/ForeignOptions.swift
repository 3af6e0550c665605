import ArgumentParser
import Configuration
import KubernetesAPI
import Time

/// Flags of kube-proxy that have no meaning in iptables mode or in this program. They are accepted without effect, so
/// that existing command lines work. Of the feature gates one has an effect: AllowServiceExternalIPs.
struct ForeignOptions: ParsableArguments {
  @Option(help: .hidden) var featureGates: [FeatureGateList] = []
  @Option(help: .hidden) var ipvsExcludeCidrs: [TextList] = []
  @Option(help: .hidden, transform: GoDuration.flag) var ipvsMinSyncPeriod: GoDuration?
  @Option(help: .hidden) var ipvsScheduler: String?
  @Option(help: .hidden) var ipvsStrictArp: FlagBool?
  @Option(help: .hidden, transform: GoDuration.flag) var ipvsSyncPeriod: GoDuration?
  @Option(help: .hidden, transform: GoDuration.flag) var ipvsTcpTimeout: GoDuration?
  @Option(help: .hidden, transform: GoDuration.flag) var ipvsTcpfinTimeout: GoDuration?
  @Option(help: .hidden, transform: GoDuration.flag) var ipvsUdpTimeout: GoDuration?
  @Option(help: .hidden) var logJsonInfoBufferSize: String?
  @Option(help: .hidden) var logJsonSplitStream: FlagBool?
  @Option(help: .hidden) var logTextInfoBufferSize: String?
  @Option(help: .hidden) var logTextSplitStream: FlagBool?
  @Option(help: .hidden) var bootIdFile: String?
  @Option(help: .hidden) var machineIdFile: String?

  func apply(to flags: inout FlagApplication) {
    let gates = featureGates.reduce(into: [:]) { $0.merge($1.gates) { $1 } }
    flags.set("feature-gates", featureGates.isEmpty ? nil : gates, "featureGates", \.featureGates)
  }
}
