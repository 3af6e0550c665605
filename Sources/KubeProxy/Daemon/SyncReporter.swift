import Applier
import Health
import IPTables
import Logging
import Planner
import ServiceModel
import StatusPage
import Time

/// Reports syncs: one log line each, metrics, health and the status page.
struct SyncReporter: SyncObserver {
  let logger: Logger
  let metrics: ProxyMetrics
  let health: HealthMonitor
  let board: StatusBoard

  /// Marks every sync as queued for health. A sync that repairs changes of another program was not queued before. If
  /// changes came during the previous sync, the success of that sync has removed them from the queue.
  func began(_ family: IPFamily) { health.queuedUpdate(family) }

  func clashesChanged(_ news: ClashNews, _ family: IPFamily) { ClashLog(logger).report(news, family) }

  func synced(_ outcome: SyncOutcome) {
    let report = outcome.report
    let family = report.family
    health.updated(family)
    metrics.synced(family, at: outcome.end.wall)
    metrics.syncEnded(family, took: outcome.start.duration(to: outcome.end), isFull: !outcome.work.isPartial)
    for table in [Table.filter, .nat] {
      let part = report.tables[table] ?? .init()
      metrics.rules(family, table, written: part.rulesWritten, total: part.rulesTotal)
      metrics.chains(family, table, total: part.chainsTotal)
    }
    metrics.noLocalEndpoints(
      family, external: outcome.work.lacking.external, internal: outcome.work.lacking.internal)
    for time in outcome.work.triggerTimes { metrics.programmed(family, latency: time.age(at: outcome.end.wall)) }
    for table in report.unprintableTables {
      let name = table.nftName(family)
      logger.warning(
        "iptables cannot read a table because it holds rules written by nft; move them to a separate table",
        metadata: ["family": "\(family.rawValue)", "table": "\(name)", "shownBy": "nft list table \(name)"])
    }
    log(outcome)
    board.add(outcome)
  }

  func failed(_ failure: SyncFailure) {
    metrics.restoreFailed(failure.family, isPartial: failure.isPartial)
    metrics.syncEnded(
      failure.family, took: failure.start.duration(to: failure.end), isFull: !failure.isPartial)
    board.add(failure)
    logger.error(
      "sync failed; the previous rules stay in use, and the sync is retried",
      metadata: ["family": "\(failure.family.rawValue)", "error": "\(failure.error)"])
  }

  func syncUnneeded(_ family: IPFamily) { health.updated(family) }

  private func log(_ outcome: SyncOutcome) {
    let report = outcome.report
    let tables = report.tables.values
    var metadata: Logger.Metadata = [
      "family": "\(report.family.rawValue)", "scope": "\(report.scope.rawValue)",
      "services": "\(outcome.work.services)",
      "chainsWritten": "\(tables.reduce(0) { $0 + $1.chainsWritten })",
      "chainsRemoved": "\(tables.reduce(0) { $0 + $1.chainsRemoved })",
      "rulesWritten": "\(tables.reduce(0) { $0 + $1.rulesWritten })",
      "rulesTotal": "\(tables.reduce(0) { $0 + $1.rulesTotal })",
      "transactions": "\(report.transactions)",
      "took": "\(milliseconds(outcome.start.duration(to: outcome.end)))",
      "ownWork": "\(milliseconds(report.ownTime))",
      "restore": "\(milliseconds(report.processTime))",
    ]
    if case .full(_, let reason) = outcome.work.rules { metadata["reason"] = "\(reason)" }
    if let drift = report.drift, !drift.isEmpty {
      metadata["kernel"] =
        "missing=\(drift.missing) changed=\(drift.changed) stale=\(drift.stale) jumps=\(drift.jumps)"
      metadata["examples"] = "\(drift.examples.joined(separator: ", "))"
    }
    logger.info(report.isUnchanged ? "rules are up to date" : "rules synced", metadata: metadata)
  }

  private func milliseconds(_ duration: Duration) -> String {
    let tenths = Int((duration.inSeconds * 10_000).rounded())
    return "\(tenths / 10).\(tenths % 10)ms"
  }
}
