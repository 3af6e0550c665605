import Health
import Logging
import ServiceModel
import Shadow
import StatusPage
import Synchronization
import Time

/// Reports what the shadow finds: in the log once, in metrics, in health and on the status page.
struct ShadowReporter: Sendable {
  let logger: Logger
  let metrics: ShadowMetrics
  let health: HealthMonitor
  let board: ShadowBoard

  /// One comparison that had a result.
  struct Comparison: Sendable {
    let family: IPFamily
    let start: Moment
    let end: Moment
    let isWhole: Bool
    let omitted: Int
    let news: ShadowMemory.News
    /// All reported findings that still exist.
    let reported: [ShadowMemory.Group]
  }

  func compared(_ comparison: Comparison) {
    let family = comparison.family
    let took = comparison.start.duration(to: comparison.end)
    health.updated(family)
    metrics.compared(family, at: comparison.start, took: took, isWhole: comparison.isWhole)
    metrics.set(family, comparison.reported, omitted: comparison.omitted)
    board.change(family) {
      $0.compared = comparison.start
      $0.took = took
      $0.isWhole = comparison.isWhole
      $0.groups = comparison.reported
      $0.omitted = comparison.omitted
      $0.failure = nil
    }
    log(comparison.news, family)
    logger.debug(
      "compared the kernel's rules with the plan",
      metadata: [
        "family": "\(family.rawValue)", "extent": comparison.isWhole ? "whole" : "part",
        "took": "\(Readable.duration(took))",
        "differences": "\(comparison.reported.reduce(0) { $0 + $1.findings.count })",
      ])
  }

  /// Reports each cause once until a comparison succeeds or has another cause.
  func failed(_ family: IPFamily, _ error: any Error) {
    let text = "\(error)"
    health.queuedUpdate(family)
    metrics.failed(family)
    var isNew = false
    board.change(family) { status in
      isNew = status.failure != text
      status.failure = text
    }
    guard isNew else { return }
    logger.error(
      "the kernel's rules cannot be compared with the plan; retrying",
      metadata: ["family": "\(family.rawValue)", "error": "\(text)"])
  }

  private func log(_ news: ShadowMemory.News, _ family: IPFamily) {
    for group in news.appeared.prefix(ClashLog.mostLines) { log(group, family) }
    let rest = news.appeared.dropFirst(ClashLog.mostLines).reduce(0) { $0 + $1.findings.count }
    if rest > 0 {
      logger.warning(
        "more rules differ from the plan", metadata: ["family": "\(family.rawValue)", "differences": "\(rest)"])
    }
    for service in news.resolved.prefix(ClashLog.mostLines) {
      var metadata: Logger.Metadata = ["family": "\(family.rawValue)"]
      if let service { metadata["service"] = "\(service)" }
      logger.notice("the kernel's rules equal the plan again", metadata: metadata)
    }
    let others = news.resolved.count - ClashLog.mostLines
    if others > 0 {
      logger.notice(
        "the kernel's rules of more Services equal the plan again",
        metadata: ["family": "\(family.rawValue)", "services": "\(others)"])
    }
  }

  private func log(_ group: ShadowMemory.Group, _ family: IPFamily) {
    var metadata: Logger.Metadata = [
      "family": "\(family.rawValue)", "kind": "\(group.kind.rawValue)", "count": "\(group.findings.count)",
    ]
    if let service = group.service { metadata["service"] = "\(service)" }
    if let first = group.findings.first { metadata["example"] = "\(first.place)" }
    switch group.kind {
    case .foreignRuleBeforeJump:
      logger.notice("rules of another program stand before the service proxy's", metadata: metadata)
    case .open:
      logger.notice("rules differ from the plan in a way that kube-proxy leaves open", metadata: metadata)
    default:
      logger.warning("the kernel's rules differ from the plan", metadata: metadata)
    }
  }
}
