/// The resources that a service proxy follows.
public enum WatchedResource: String, Sendable, Hashable, CaseIterable, Comparable {
  case services
  case endpointSlices = "endpointslices"
  case nodes
  case serviceCIDRs = "servicecidrs"

  public static func < (left: WatchedResource, right: WatchedResource) -> Bool { left.rawValue < right.rawValue }

  /// What a node follows: as kube-proxy, three resources; ServiceCIDRs only where somebody asks for them.
  public static func needed(withServiceCIDRs: Bool) -> [WatchedResource] {
    [.services, .endpointSlices, .nodes] + (withServiceCIDRs ? [.serviceCIDRs] : [])
  }

  /// The path of the collection over all namespaces.
  var path: String {
    switch self {
    case .services: "/api/v1/services"
    case .endpointSlices: "/apis/discovery.k8s.io/v1/endpointslices"
    case .nodes: "/api/v1/nodes"
    case .serviceCIDRs: "/apis/networking.k8s.io/v1/servicecidrs"
    }
  }

  /// Whether the proxy can do without: an API server may lack the resource, or a role the right to read it.
  var isOptional: Bool { self == .serviceCIDRs }
}
