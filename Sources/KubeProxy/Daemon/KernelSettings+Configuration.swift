import Applier
import Configuration
import KubernetesAPI
import Planner
import ServiceModel

extension KernelSettings {
  /// The sysctls that a configuration requests.
  init(_ configuration: ProxyConfiguration) {
    self.init()
    let conntrack = configuration.conntrack
    conntrackMaxPerCore = conntrack.maxPerCore
    conntrackMin = conntrack.minimum
    tcpEstablishedTimeout = conntrack.tcpEstablishedTimeout.map(KernelSettings.seconds)
    tcpCloseWaitTimeout = conntrack.tcpCloseWaitTimeout.map(KernelSettings.seconds)
    udpTimeout = conntrack.udpTimeout.map(KernelSettings.seconds)
    udpStreamTimeout = conntrack.udpStreamTimeout.map(KernelSettings.seconds)
    tcpBeLiberal = conntrack.tcpBeLiberal
    let source = PlannerOptionsSource(configuration: configuration, extra: ExtraSettings())
    let options = source.options(
      .ipv4, snapshot: ClusterSnapshot(), host: PlannerSurroundings(interfaceAddresses: [], features: [:]))
    routeLocalnet = options.acceptsLocalhostNodePorts
  }

  private static func seconds(_ duration: Duration) -> Int { Int(duration.components.seconds) }
}
