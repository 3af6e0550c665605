import ServiceModel

/// core/v1 ServiceType, including ExternalName, which no proxy handles.
enum WireServiceType: String, CaseIterable {
  case clusterIP = "ClusterIP"
  case nodePort = "NodePort"
  case loadBalancer = "LoadBalancer"
  case externalName = "ExternalName"
}

/// core/v1 ServiceAffinity.
enum WireSessionAffinity: String, CaseIterable {
  case none = "None"
  case clientIP = "ClientIP"
}

/// core/v1 LoadBalancerIPMode (KEP-1860).
enum WireIPMode: String, CaseIterable {
  case vip = "VIP"
  case proxy = "Proxy"
}

/// discovery/v1 AddressType.
enum WireAddressType: String, CaseIterable {
  case ipv4 = "IPv4"
  case ipv6 = "IPv6"
  case fqdn = "FQDN"

  var family: IPFamily? {
    switch self {
    case .ipv4: .ipv4
    case .ipv6: .ipv6
    case .fqdn: nil
    }
  }
}

/// The traffic policies as an enumeration that can list its cases in a message.
enum WireTrafficPolicy: String, CaseIterable {
  case cluster = "Cluster"
  case local = "Local"

  var model: TrafficPolicy { self == .local ? .local : .cluster }
}
