import KubernetesAPI

extension ResourceKind {
  /// The resources that a node watches. kube-proxy always watches ServiceCIDRs too. Here they are watched only if they
  /// are used.
  package static func watched(withServiceCIDRs: Bool) -> [ResourceKind] {
    [.service, .endpointSlice, .node] + (withServiceCIDRs ? [.serviceCIDR] : [])
  }

  /// The name of the collection: `endpointslices`.
  package var plural: String { rawValue.lowercased() + "s" }

  /// The path of the collection in all namespaces.
  var path: String {
    let version = apiVersions[0]
    return "\(version.contains("/") ? "/apis" : "/api")/\(version)/\(plural)"
  }

  /// Whether the proxy works without the resource. An API server may lack it, or the proxy's role may not allow reading
  /// it.
  var isOptional: Bool { self == .serviceCIDR }
}
