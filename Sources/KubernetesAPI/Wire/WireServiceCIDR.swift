/// Of networking/v1 ServiceCIDR what is read.
struct WireServiceCIDR: Decodable {
  struct Spec: Decodable {
    var cidrs: [String]?
  }

  struct Status: Decodable {
    var conditions: [Condition]?
  }

  struct Condition: Decodable {
    var type: String?
    var status: String?
  }

  var spec: Spec?
  var status: Status?

  /// Whether Services may have addresses of it. One without the condition counts as ready, as in the API server's
  /// allocator: the controller that sets it may not run.
  var isReady: Bool {
    guard let condition = status?.conditions?.first(where: { $0.type == "Ready" }) else { return true }
    return condition.status == "True"
  }
}
