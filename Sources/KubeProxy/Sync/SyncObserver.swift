import Applier
import ServiceModel

/// A sync that went well.
public struct SyncOutcome: Sendable {
  public let work: SyncWork
  public let report: ApplyReport
  public let start: Moment
  public let end: Moment
}

/// A sync that did not.
public struct SyncFailure: Sendable {
  public let family: IPFamily
  public let isPartial: Bool
  public let error: ApplyError
  public let start: Moment
  public let end: Moment
}

/// Is told how syncs went: metrics, health, log, status page.
public protocol SyncObserver: Sendable {
  /// A sync that has something to do begins: until it has ended well, the rules are not known to be as they should be.
  func began(_ family: IPFamily)
  /// Several Services claim an address, or no longer do so. The call comes before the sync, even if that then fails.
  func clashesChanged(_ news: ClashNews, _ family: IPFamily)
  func synced(_ outcome: SyncOutcome)
  func failed(_ failure: SyncFailure)
  /// A sync was asked for, and everything is already as it should be.
  func syncUnneeded(_ family: IPFamily)
}
