import ServiceModel
import Watcher

/// The Events that kube-proxy sends.
extension APIEvent {
  /// The proxy starts on a Node.
  public static func starting(node: String) -> APIEvent {
    // kube-proxy gives the name as uid, as kubelet does: that is how `kubectl describe node` finds it.
    APIEvent(reason: "Starting", action: "StartKubeProxy", regarding: Regarding(kind: "Node", name: node, uid: node))
  }

  /// A Service's health check node port cannot be served.
  static func healthCheckFailed(node: String, service: NamespacedName, port: UInt16, cause: String) -> APIEvent {
    let note = "node \(node) failed to start healthcheck \"\(service)\" on port \(port): \(cause)"
    return APIEvent(
      kind: .warning, reason: "FailedToStartServiceHealthcheck", action: "Listen",
      note: note.utf8.count <= 1024 ? note : String(decoding: note.utf8.prefix(1000), as: UTF8.self) + "…",
      regarding: Regarding(
        kind: "Service", namespace: service.namespace, name: service.name, uid: service.description))
  }
}
