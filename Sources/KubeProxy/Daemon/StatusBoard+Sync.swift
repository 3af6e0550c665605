import Applier
import IPTables
import ServiceModel
import StatusPage
import Time

extension StatusBoard {
  /// Records a successful sync.
  package func add(_ outcome: SyncOutcome) {
    let report = outcome.report
    let kind: Sync.Outcome =
      switch outcome.work.rules {
      case .full(_, let reason): .full(reason: reason)
      case .partial: .partial
      }
    add(
      report.family,
      Sync(
        end: outcome.end, duration: outcome.start.duration(to: outcome.end), outcome: kind,
        services: outcome.work.services, rulesWritten: report.tables.values.reduce(0) { $0 + $1.rulesWritten }))
    setTables(
      report.family,
      report.tables.map { TableSize($0.key, chains: $0.value.chainsTotal, rules: $0.value.rulesTotal) })
  }

  /// Records a failed sync.
  package func add(_ failure: SyncFailure) {
    add(
      failure.family,
      Sync(
        end: failure.end, duration: failure.start.duration(to: failure.end),
        outcome: .failed(error: "\(failure.error)"), services: 0, rulesWritten: 0))
  }
}
