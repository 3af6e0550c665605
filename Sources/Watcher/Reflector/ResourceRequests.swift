import HTTP
import KubernetesAPI

/// Which objects of a resource are watched, and the requests for it.
struct ResourceRequests: Sendable {
  let resource: ResourceKind
  /// The parameters of every request. The values are not encoded yet.
  private let selectors: [String: String]

  /// The selectors of kube-proxy. They exclude headless Services, Services of another proxy, headless slices and all
  /// other Nodes.
  init(_ resource: ResourceKind, nodeName: String) {
    self.resource = resource
    selectors =
      switch resource {
      case .service:
        ["fieldSelector": "spec.clusterIP!=None", "labelSelector": "!service.kubernetes.io/service-proxy-name"]
      case .endpointSlice: ["labelSelector": "!service.kubernetes.io/headless"]
      case .node: ["fieldSelector": "metadata.name=\(nodeName)"]
      case .serviceCIDR: [:]
      }
  }

  /// Path and query. The parameters are in alphabetical order.
  func target(_ request: ReflectorRequest) -> String {
    var query = selectors
    switch request {
    case .list(let version, let continuing, let limit):
      query["limit"] = limit.map { "\($0)" }
      if let continuing {
        // The continue token already contains the version.
        query["continue"] = continuing
      } else if !version.isEmpty {
        query["resourceVersion"] = version
      }
    case .watch(let version, let timeout):
      query["resourceVersion"] = version
      watch(&query, timeout)
    case .watchList(let version, let timeout):
      query["sendInitialEvents"] = "true"
      query["resourceVersionMatch"] = "NotOlderThan"
      if !version.isEmpty { query["resourceVersion"] = version }
      watch(&query, timeout)
    }
    let text = query.sorted { $0.key < $1.key }.map { "\($0.key)=\(PercentCoding.encode($0.value))" }.joined(
      separator: "&")
    return text.isEmpty ? resource.path : "\(resource.path)?\(text)"
  }

  private func watch(_ query: inout [String: String], _ timeout: Int) {
    query["watch"] = "true"
    query["allowWatchBookmarks"] = "true"
    query["timeoutSeconds"] = "\(timeout)"
  }
}
