import Applier
import ServiceModel
import Time

/// A successful sync.
public struct SyncOutcome: Sendable {
  public let work: SyncWork
  public let report: ApplyReport
  public let start: Moment
  public let end: Moment
}

/// A failed sync.
public struct SyncFailure: Sendable {
  public let family: IPFamily
  public let isPartial: Bool
  public let error: ApplyError
  public let start: Moment
  public let end: Moment
}

/// Is informed about syncs. Metrics, health, log and status page depend on it.
public protocol SyncObserver: Sendable {
  /// A sync with work to do begins. Until it succeeds, the rules may be out of date.
  func began(_ family: IPFamily)
  /// Several Services claim an address, or no longer do so. Called after the sync, even if the sync failed.
  func clashesChanged(_ news: ClashNews, _ family: IPFamily)
  func synced(_ outcome: SyncOutcome)
  func failed(_ failure: SyncFailure)
  /// A sync was requested, but the rules are already correct.
  func syncUnneeded(_ family: IPFamily)
}
