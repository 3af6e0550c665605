import ServiceModel
import Time

/// The response of a health endpoint: a status code and the same JSON bytes as kube-proxy. While the rules follow a
/// restored state, the JSON has one more member: the time of that state.
package struct HealthAnswer: Sendable, Equatable {
  package let status: Int
  package let body: String

  /// `/healthz` says whether load balancers may use this Node: the proxy is healthy and the Node is not being deleted.
  package static func healthz(_ report: HealthReport) -> HealthAnswer {
    HealthAnswer(report, isWell: report.isHealthy && report.isNodeEligible, tellsOfNode: true)
  }

  /// `/livez` says whether the proxy works, independent of the Node's state.
  package static func livez(_ report: HealthReport) -> HealthAnswer {
    HealthAnswer(report, isWell: report.isHealthy, tellsOfNode: false)
  }

  private init(_ report: HealthReport, isWell: Bool, tellsOfNode: Bool) {
    status = isWell ? 200 : 503
    // In a healthy response the outer lastUpdated is the current time. Otherwise old clients would think that a proxy
    // that had nothing to do for a long time is broken.
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

  /// The zero time of Go means never.
  private static func time(_ time: WallTime?) -> String { "\"\(time?.rfc3339 ?? "0001-01-01T00:00:00Z")\"" }
}
