/// Which endpoints a kind of traffic may use (core/v1 ServiceInternalTrafficPolicy, ServiceExternalTrafficPolicy).
public enum TrafficPolicy: String, Hashable, Sendable, Codable {
  case cluster = "Cluster"
  case local = "Local"
}

/// core/v1 ServiceType, of those that a service proxy handles.
public enum ServiceType: String, Hashable, Sendable, Codable {
  case clusterIP = "ClusterIP"
  case nodePort = "NodePort"
  case loadBalancer = "LoadBalancer"
}

/// A Service with at least one cluster IP, checked and with the API's defaults applied.
///
/// Headless and ExternalName Services, and those of another service proxy, never become one of these.
public struct Service: Hashable, Sendable {
  public struct Port: Hashable, Sendable {
    public var name: ServicePortName
    public var port: UInt16
    public var nodePort: UInt16?

    public init(name: ServicePortName, port: UInt16, nodePort: UInt16? = nil) {
      self.name = name
      self.port = port
      self.nodePort = nodePort
    }
  }

  public var name: NamespacedName
  public var type: ServiceType
  /// At most one of each family, in the order of `spec.ipFamilies`.
  public var clusterIPs: [IPAddress]
  public var externalIPs: [IPAddress]
  /// Ingress addresses of `status.loadBalancer` whose ipMode is VIP.
  public var loadBalancerIPs: [IPAddress]
  public var loadBalancerSourceRanges: [CIDR]
  /// Whether ranges were left out because they could not be read: a family without any other is closed then.
  public var hasUnreadableSourceRanges = false
  public var ports: [Port]
  /// Seconds that a client stays with its endpoint; nil without session affinity ClientIP.
  public var affinityTimeout: Int?
  public var internalTrafficPolicy: TrafficPolicy
  public var externalTrafficPolicy: TrafficPolicy
  public var healthCheckNodePort: UInt16?
  /// What was left out of the object or has no effect, with its field: for people who ask about the Service.
  public var remarks: [String] = []

  public init(
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
