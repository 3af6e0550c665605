import ServiceModel

/// What a health endpoint answers: a status code and kube-proxy's JSON, byte for byte. While the rules go by a restored
/// state, one more member says of when it is.
struct HealthAnswer: Sendable, Equatable {
  let status: Int
  let body: String

  /// `/healthz`: whether load balancers may use this Node: the proxy is healthy and the Node is there to stay.
  static func healthz(_ report: HealthReport) -> HealthAnswer {
    HealthAnswer(report, isWell: report.isHealthy && report.isNodeEligible, tellsOfNode: true)
  }

  /// `/livez`: whether the proxy works, whatever becomes of the Node.
  static func livez(_ report: HealthReport) -> HealthAnswer {
    HealthAnswer(report, isWell: report.isHealthy, tellsOfNode: false)
  }

  private init(_ report: HealthReport, isWell: Bool, tellsOfNode: Bool) {
    status = isWell ? 200 : 503
    // The outer lastUpdated is the present in a good answer: old consumers of it take a proxy that has had nothing to
    // do for long for a broken one otherwise.
    let lastUpdated = isWell ? report.currentTime : report.lastUpdated
    var body =
      "{\"lastUpdated\":\(HealthAnswer.time(lastUpdated)),\"currentTime\":\(HealthAnswer.time(report.currentTime))"
    if tellsOfNode { body += ",\"nodeEligible\":\(report.isNodeEligible)" }
    body += ",\"healthy\":\(report.isHealthy),\"status\":{"
    body += report.families.sorted { $0.key < $1.key }.map { family, state in
      "\"\(family.rawValue)\":{\"lastUpdated\":\(HealthAnswer.time(state.lastUpdated)),\"healthy\":\(state.isHealthy)}"
    }.joined(separator: ",")
    body += "}"
    if let time = report.stateTime { body += ",\"stateTime\":\(HealthAnswer.time(time))" }
    self.body = body + "}"
  }

  /// The zero time of Go stands for never.
  private static func time(_ time: WallTime?) -> String { "\"\(time?.rfc3339 ?? "0001-01-01T00:00:00Z")\"" }
}
