/// Of `metadata` what is read, and of labels and annotations those that mean something to a service proxy.
struct WireMetadata: Decodable {
  struct Labels: Decodable {
    var serviceName: String?
    var serviceProxyName: String?
    var headless: String?
    var zone: String?

    enum CodingKeys: String, CodingKey {
      case serviceName = "kubernetes.io/service-name"
      case serviceProxyName = "service.kubernetes.io/service-proxy-name"
      case headless = "service.kubernetes.io/headless"
      case zone = "topology.kubernetes.io/zone"
    }
  }

  struct Annotations: Decodable {
    var lastChangeTriggerTime: String?
    /// On the bookmark that ends a streamed list (KEP-3157).
    var initialEventsEnd: String?

    enum CodingKeys: String, CodingKey {
      case initialEventsEnd = "k8s.io/initial-events-end"
      case lastChangeTriggerTime = "endpoints.kubernetes.io/last-change-trigger-time"
    }
  }

  var name: String?
  var namespace: String?
  var uid: String?
  var resourceVersion: String?
  var deletionTimestamp: String?
  var labels: Labels?
  var annotations: Annotations?

  /// An object that is written by hand and states no namespace is in `default`.
  var namespaceOrDefault: String {
    guard let namespace, !namespace.isEmpty else { return "default" }
    return namespace
  }
}
