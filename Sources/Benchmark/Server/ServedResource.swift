/// A kind of object that the benchmark's API server has.
enum ServedResource: String, CaseIterable, Sendable {
  case services, endpointslices, nodes, servicecidrs

  /// The collection over all namespaces.
  var path: String {
    switch self {
    case .services, .nodes: "/api/\(apiVersion)/\(rawValue)"
    case .endpointslices, .servicecidrs: "/apis/\(apiVersion)/\(rawValue)"
    }
  }

  var apiVersion: String {
    switch self {
    case .services, .nodes: "v1"
    case .endpointslices: "discovery.k8s.io/v1"
    case .servicecidrs: "networking.k8s.io/v1"
    }
  }

  var kind: String {
    switch self {
    case .services: "Service"
    case .endpointslices: "EndpointSlice"
    case .nodes: "Node"
    case .servicecidrs: "ServiceCIDR"
    }
  }

  /// The start of an object, up to its name.
  func opening(version: Int) -> String {
    """
    {"kind":"\(kind)","apiVersion":"\(apiVersion)","metadata":{"resourceVersion":"\(version)",\
    "creationTimestamp":"2026-01-01T00:00:00Z",
    """
  }
}
