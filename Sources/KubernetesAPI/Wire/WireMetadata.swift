/// The fields of `metadata` that are read, and the labels and annotations that a service proxy uses.
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
    /// Set on the bookmark that ends a streamed list (KEP-3157).
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

  /// The namespace. An object without one, such as one written by hand, is in `default`.
  var namespaceOrDefault: String {
    guard let namespace, !namespace.isEmpty else { return "default" }
    return namespace
  }
}
