import Health
import ServiceModel
import Shadow
import Telemetry
import Time

/// The status in kube-proxy's text format, followed by one line for each family.
package enum StatusText {
  /// The same warning as on kube-proxy's pages.
  package static let warning =
    "Warning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees and is "
    + "for debugging purposes only."

  package static func text(_ status: StatusSnapshot) -> String {
    let up = status.started.duration(to: status.now).components.seconds
    func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let shadow = (status.shadow ?? []).map { status in
      "\(status.family.rawValue): shadow mode, \(Readable.count(status.differences, "difference", "differences"))\n"
    }
    let families = status.families.map { family in
      let last = family.syncs.last.map { ", last took \(Readable.duration($0.duration))" } ?? ""
      return
        "\(family.family.rawValue): \(family.backend.isEmpty ? "no backend yet" : PlainText.line(family.backend)), "
        + "\(Readable.count(family.syncCount, "sync", "syncs")), \(Readable.count(family.failureCount)) failed\(last)\n"
    }
    let restored = status.health.stateTime.map { "Restored state of: \($0.unixDate)\n" } ?? ""
    return """

      kube-proxy statusz
      \(StatusText.warning)

      Started: \(status.started.wall.unixDate)
      Up: \(up / 3600) hr \(two(up / 60 % 60)) min \(two(up % 60)) sec
      Binary version: \(PlainText.line(status.version))
      Healthy: \(status.health.isHealthy)
      Services: \(status.cluster.services.count)
      \(restored)\((status.shadow == nil ? families : shadow).joined())Paths: /configz /flagz /healthz /metrics /proxyMode

      """
  }
}
