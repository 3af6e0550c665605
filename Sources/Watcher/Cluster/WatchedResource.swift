/// The resources that a service proxy watches.
package enum WatchedResource: String, Sendable, Hashable, CaseIterable, Comparable {
  case services
  case endpointSlices = "endpointslices"
  case nodes
  case serviceCIDRs = "servicecidrs"

  package static func < (left: WatchedResource, right: WatchedResource) -> Bool { left.rawValue < right.rawValue }

  /// The resources that a node watches. kube-proxy always watches ServiceCIDRs too. Here they are watched only if they
  /// are used.
  package static func needed(withServiceCIDRs: Bool) -> [WatchedResource] {
    [.services, .endpointSlices, .nodes] + (withServiceCIDRs ? [.serviceCIDRs] : [])
  }

  /// The path of the collection in all namespaces.
  var path: String {
    switch self {
    case .services: "/api/v1/services"
    case .endpointSlices: "/apis/discovery.k8s.io/v1/endpointslices"
    case .nodes: "/api/v1/nodes"
    case .serviceCIDRs: "/apis/networking.k8s.io/v1/servicecidrs"
    }
  }

  /// Whether the proxy works without the resource. An API server may lack it, or the proxy's role may not allow reading
  /// it.
  var isOptional: Bool { self == .serviceCIDRs }
}
