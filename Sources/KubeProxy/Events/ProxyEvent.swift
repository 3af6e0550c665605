import ServiceModel

/// An Event as kube-proxy sends them (events.k8s.io/v1), without what its sender adds: name, times, controller.
public struct ProxyEvent: Hashable, Sendable {
  public enum Kind: String, Hashable, Sendable {
    case normal = "Normal"
    case warning = "Warning"
  }

  /// What an Event is about.
  public struct Regarding: Hashable, Sendable {
    public let kind: String
    /// Empty for a Node.
    public let namespace: String
    public let name: String
    public let uid: String
  }

  public let kind: Kind
  /// Why, in one word.
  public let reason: String
  /// What was done, in one word.
  public let action: String
  /// For people; at most 1024 bytes, as the API has it.
  public let note: String
  public let regarding: Regarding

  init(_ kind: Kind, reason: String, action: String, note: String, regarding: Regarding) {
    self.kind = kind
    self.reason = reason
    self.action = action
    self.note = note.utf8.count <= 1024 ? note : String(decoding: note.utf8.prefix(1000), as: UTF8.self) + "…"
    self.regarding = regarding
  }

  /// The proxy starts on a Node.
  public static func starting(node: String) -> ProxyEvent {
    // kube-proxy gives the name as uid, as kubelet does: that is how `kubectl describe node` finds it.
    ProxyEvent(
      .normal, reason: "Starting", action: "StartKubeProxy", note: "",
      regarding: Regarding(kind: "Node", namespace: "", name: node, uid: node))
  }

  /// A Service's health check node port cannot be served.
  static func healthCheckFailed(node: String, service: NamespacedName, port: UInt16, cause: String) -> ProxyEvent {
    ProxyEvent(
      .warning, reason: "FailedToStartServiceHealthcheck", action: "Listen",
      note: "node \(node) failed to start healthcheck \"\(service)\" on port \(port): \(cause)",
      regarding: Regarding(
        kind: "Service", namespace: service.namespace, name: service.name, uid: service.description))
  }
}
