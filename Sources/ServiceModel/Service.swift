/// Which endpoints internal or external traffic may use (core/v1 ServiceInternalTrafficPolicy,
/// ServiceExternalTrafficPolicy).
package enum TrafficPolicy: String, Hashable, Sendable, Codable {
  case cluster = "Cluster"
  case local = "Local"
}

/// The values of core/v1 ServiceType that a service proxy handles.
package enum ServiceType: String, Hashable, Sendable, Codable {
  case clusterIP = "ClusterIP"
  case nodePort = "NodePort"
  case loadBalancer = "LoadBalancer"
}

/// A Service with at least one cluster IP. It is validated and has the API's defaults.
///
/// Headless Services, ExternalName Services and Services of another service proxy are never converted to this type.
package struct Service: Hashable, Sendable {
  package struct Port: Hashable, Sendable {
    package var name: ServicePortName
    package var port: UInt16
    package var nodePort: UInt16?

    package init(name: ServicePortName, port: UInt16, nodePort: UInt16? = nil) {
      self.name = name
      self.port = port
      self.nodePort = nodePort
    }
  }

  package var name: NamespacedName
  package var type: ServiceType
  /// At most one per family, in the order of `spec.ipFamilies`.
  package var clusterIPs: [IPAddress]
  package var externalIPs: [IPAddress]
  /// Ingress addresses of `status.loadBalancer` whose ipMode is VIP.
  package var loadBalancerIPs: [IPAddress]
  package var loadBalancerSourceRanges: [CIDR]
  /// Whether ranges were left out because they are not valid. If a family then has no range, its load balancer
  /// addresses accept no traffic.
  package var hasUnreadableSourceRanges = false
  package var ports: [Port]
  /// Seconds for which a client keeps its endpoint. nil if session affinity ClientIP is not set.
  package var affinityTimeout: Int?
  package var internalTrafficPolicy: TrafficPolicy
  package var externalTrafficPolicy: TrafficPolicy
  package var healthCheckNodePort: UInt16?
  /// Parts of the object that were left out or have no effect, with the field's name. They are shown to people who ask
  /// about the Service.
  package var remarks: [String] = []

  package init(
    name: NamespacedName, type: ServiceType = .clusterIP, clusterIPs: [IPAddress], externalIPs: [IPAddress] = [],
    loadBalancerIPs: [IPAddress] = [], loadBalancerSourceRanges: [CIDR] = [], ports: [Port],
    affinityTimeout: Int? = nil, internalTrafficPolicy: TrafficPolicy = .cluster,
    externalTrafficPolicy: TrafficPolicy = .cluster, healthCheckNodePort: UInt16? = nil
  ) {
    self.name = name
    self.type = type
    self.clusterIPs = clusterIPs
    self.externalIPs = externalIPs
    self.loadBalancerIPs = loadBalancerIPs
    self.loadBalancerSourceRanges = loadBalancerSourceRanges
    self.ports = ports
    self.affinityTimeout = affinityTimeout
    self.internalTrafficPolicy = internalTrafficPolicy
    self.externalTrafficPolicy = externalTrafficPolicy
    self.healthCheckNodePort = healthCheckNodePort
  }
}
