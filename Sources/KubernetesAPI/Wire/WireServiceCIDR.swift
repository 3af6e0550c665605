/// The fields of networking/v1 ServiceCIDR that are read.
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

  /// Whether Services may get addresses from it. Without the condition it counts as ready, as in the API server's
  /// allocator, because the controller that sets the condition may not run.
  var isReady: Bool {
    guard let condition = status?.conditions?.first(where: { $0.type == "Ready" }) else { return true }
    return condition.status == "True"
  }
}
