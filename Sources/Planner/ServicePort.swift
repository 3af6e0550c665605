import IPTables
import ServiceModel

/// One port of a Service as one family sees it.
struct ServicePort {
  let name: ServicePortName
  let clusterIP: IPAddress
  let port: UInt16
  let nodePort: UInt16?
  let externalIPs: [IPAddress]
  let loadBalancerIPs: [IPAddress]
  let sourceRanges: [CIDR]
  /// Whether only clients in `sourceRanges` may use the load-balancer IPs. If the ranges could not be read, no client
  /// may.
  let hasSourceRanges: Bool
  let affinityTimeout: Int?
  let internalPolicy: TrafficPolicy
  let externalPolicy: TrafficPolicy
  let healthCheckNodePort: UInt16?

  /// nil if the Service has no cluster IP in the family.
  init?(_ port: Service.Port, of service: Service, options: PlannerOptions) {
    let family = options.family
    guard let clusterIP = service.clusterIPs.first(where: { $0.family == family }) else { return nil }
    // An address that the Service names twice must not give the same rule twice.
    func unique(_ addresses: [IPAddress]) -> [IPAddress] {
      var seen: Set<IPAddress> = []
      return addresses.filter { $0.family == family && seen.insert($0).inserted }
    }
    name = port.name
    self.clusterIP = clusterIP
    self.port = port.port
    nodePort = port.nodePort
    externalIPs = options.ignoreExternalIPs ? [] : unique(service.externalIPs)
    loadBalancerIPs = unique(service.loadBalancerIPs)
    let ranges = service.loadBalancerSourceRanges.filter { $0.family == family }
    // A range of all addresses admits every client, as if there were no range.
    sourceRanges = ranges.contains { $0.prefixLength == 0 } ? [] : ranges
    hasSourceRanges = !sourceRanges.isEmpty || ranges.isEmpty && service.hasUnreadableSourceRanges
    affinityTimeout = service.affinityTimeout
    internalPolicy = service.internalTrafficPolicy
    externalPolicy = service.externalTrafficPolicy
    healthCheckNodePort = service.healthCheckNodePort
  }

  /// Whether clients can reach it by other ways than the cluster IP.
  var isExternallyAccessible: Bool { nodePort != nil || !loadBalancerIPs.isEmpty || !externalIPs.isEmpty }

  /// External policy Local also needs the endpoints of policy Cluster, because packets from pods and from the host
  /// itself may go to any endpoint.
  var policies: EndpointSelection.Policies {
    EndpointSelection.Policies(
      usesCluster: internalPolicy == .cluster || isExternallyAccessible,
      usesLocal: internalPolicy == .local || (externalPolicy == .local && isExternallyAccessible))
  }
}
