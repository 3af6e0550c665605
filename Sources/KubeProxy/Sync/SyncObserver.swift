import Applier
import ServiceModel
import Time

/// A successful sync.
package struct SyncOutcome: Sendable {
  package let work: SyncWork
  package let report: ApplyReport
  package let start: Moment
  package let end: Moment
}

/// A failed sync.
package struct SyncFailure: Sendable {
  package let family: IPFamily
  package let isPartial: Bool
  package let error: ApplyError
  package let start: Moment
  package let end: Moment
}

/// Receives the results of syncs, for metrics, health, the log and the status page.
package protocol SyncObserver: Sendable {
  /// A sync with work to do begins. Until it succeeds, the rules may be out of date.
  func began(_ family: IPFamily)
  /// Several Services claim an address, or no longer do so. Called after the sync, even if the sync failed.
  func clashesChanged(_ news: ClashNews, _ family: IPFamily)
  func synced(_ outcome: SyncOutcome)
  func failed(_ failure: SyncFailure)
  /// A sync was requested, but the rules are already correct.
  func syncUnneeded(_ family: IPFamily)
}
