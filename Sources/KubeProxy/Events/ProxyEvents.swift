import ServiceModel
import Watcher

/// The Events that kube-proxy sends.
extension APIEvent {
  /// The proxy starts on a Node.
  package static func starting(node: String) -> APIEvent {
    // The uid is the Node's name, as in kube-proxy and the kubelet: `kubectl describe node` searches for this uid.
    APIEvent(reason: "Starting", action: "StartKubeProxy", regarding: Regarding(kind: "Node", name: node, uid: node))
  }

  /// The proxy cannot listen on a Service's health check node port.
  static func healthCheckFailed(node: String, service: NamespacedName, port: UInt16, cause: String) -> APIEvent {
    let note = "node \(node) failed to start healthcheck \"\(service)\" on port \(port): \(cause)"
    return APIEvent(
      kind: .warning, reason: "FailedToStartServiceHealthcheck", action: "Listen",
      note: note.utf8.count <= 1024 ? note : String(decoding: note.utf8.prefix(1000), as: UTF8.self) + "…",
      regarding: Regarding(
        kind: "Service", namespace: service.namespace, name: service.name, uid: service.description))
  }
}
