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
  /// Whether the load balancer lets only some in: those of `sourceRanges`, or nobody if these could not be read.
  let hasSourceRanges: Bool
  let affinityTimeout: Int?
  let internalPolicy: TrafficPolicy
  let externalPolicy: TrafficPolicy
  let healthCheckNodePort: UInt16?

  /// nil if the Service has no cluster IP in the family.
  init?(_ port: Service.Port, of service: Service, options: PlannerOptions) {
    let family = options.family
    guard let clusterIP = service.clusterIPs.first(where: { $0.family == family }) else { return nil }
    // A rule twice would be one too many to take away again.
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
    // A range of all addresses lets everybody in: the same as no range at all.
    sourceRanges = ranges.contains { $0.prefixLength == 0 } ? [] : ranges
    hasSourceRanges = !sourceRanges.isEmpty || ranges.isEmpty && service.hasUnreadableSourceRanges
    affinityTimeout = service.affinityTimeout
    internalPolicy = service.internalTrafficPolicy
    externalPolicy = service.externalTrafficPolicy
    healthCheckNodePort = service.healthCheckNodePort
  }

  /// Whether anything but the cluster IP leads to it.
  var isExternallyAccessible: Bool { nodePort != nil || !loadBalancerIPs.isEmpty || !externalIPs.isEmpty }

  /// Policy Local from outside needs the Cluster endpoints as well: for the short cut of pods and of the host itself.
  var policies: EndpointSelection.Policies {
    EndpointSelection.Policies(
      usesCluster: internalPolicy == .cluster || isExternallyAccessible,
      usesLocal: internalPolicy == .local || (externalPolicy == .local && isExternallyAccessible))
  }
}
