import Applier
import Configuration
import KubernetesAPI
import Planner
import ServiceModel

extension HostSettings {
  /// The sysctls that a configuration requests.
  init(_ configuration: ProxyConfiguration) {
    self.init()
    let conntrack = configuration.conntrack
    conntrackMaxPerCore = conntrack.maxPerCore
    conntrackMin = conntrack.minimum
    tcpEstablishedTimeout = conntrack.tcpEstablishedTimeout.map(HostSettings.seconds)
    tcpCloseWaitTimeout = conntrack.tcpCloseWaitTimeout.map(HostSettings.seconds)
    udpTimeout = conntrack.udpTimeout.map(HostSettings.seconds)
    udpStreamTimeout = conntrack.udpStreamTimeout.map(HostSettings.seconds)
    tcpBeLiberal = conntrack.tcpBeLiberal
    let source = PlannerOptionsSource(configuration: configuration, extra: ExtraSettings())
    let options = source.options(
      .ipv4, snapshot: ClusterSnapshot(), host: HostView(interfaceAddresses: [], features: [:]))
    routeLocalnet = options.acceptsLocalhostNodePorts
  }

  private static func seconds(_ duration: Duration) -> Int { Int(duration.components.seconds) }
}
