import Conntrack
import IPTables
import ServiceModel
import Synchronization
import Time

/// The daemon's parts put here what the status page shows. The amount that is kept is bounded.
public final class StatusBoard: Sendable {
  /// One sync of one family, as the page shows it.
  public struct Sync: Hashable, Sendable {
    public enum Outcome: Hashable, Sendable {
      case full(reason: String)
      case partial
      case failed(error: String)
    }

    public var end: Moment
    public var duration: Duration
    public var outcome: Outcome
    /// Number of Services whose changes the sync applied.
    public var services: Int
    public var rulesWritten: Int

    public init(end: Moment, duration: Duration, outcome: Outcome, services: Int, rulesWritten: Int) {
      self.end = end
      self.duration = duration
      self.outcome = outcome
      self.services = services
      self.rulesWritten = rulesWritten
    }
  }

  /// Number of our chains and rules in a table.
  public struct TableSize: Hashable, Sendable {
    public let table: Table
    public let chains: Int
    public let rules: Int

    public init(_ table: Table, chains: Int, rules: Int) {
      self.table = table
      self.chains = chains
      self.rules = rules
    }
  }

  public struct Family: Equatable, Sendable {
    public let family: IPFamily
    /// Like `nf_tables`. Empty while it is not known.
    public var backend = ""
    /// Why this backend was chosen.
    public var backendReason = ""
    public var tables: [TableSize] = []
    /// The last `keptSyncs` syncs, oldest first.
    public var syncs: [Sync] = []
    public var syncCount = 0
    public var failureCount = 0
    public var lastFailure: Sync?
    /// The last conntrack clean-up, and the number of entries that all clean-ups deleted.
    public var conntrack: ReconcileResult?
    public var conntrackDeleted = 0
  }

  /// Number of syncs that are kept for each family.
  static let keptSyncs = 60

  private let families: Mutex<[IPFamily: Family]>

  public init(families: [IPFamily]) {
    self.families = Mutex(Dictionary(uniqueKeysWithValues: families.map { ($0, Family(family: $0)) }))
  }

  public func setBackend(_ family: IPFamily, _ backend: String, reason: String) {
    change(family) {
      $0.backend = backend
      $0.backendReason = reason
    }
  }

  public func setTables(_ family: IPFamily, _ tables: [TableSize]) {
    change(family) { $0.tables = tables.sorted { $0.table < $1.table } }
  }

  public func add(_ family: IPFamily, _ sync: Sync) {
    change(family) {
      if $0.syncs.count == StatusBoard.keptSyncs { $0.syncs.removeFirst() }
      $0.syncs.append(sync)
      $0.syncCount += 1
      guard case .failed = sync.outcome else { return }
      $0.failureCount += 1
      $0.lastFailure = sync
    }
  }

  public func add(_ result: ReconcileResult) {
    change(result.family) {
      $0.conntrack = result
      $0.conntrackDeleted += result.report.deleted
    }
  }

  /// Ordered by family.
  public var all: [Family] { families.withLock { $0.values.sorted { $0.family < $1.family } } }

  private func change(_ family: IPFamily, _ body: (inout Family) -> Void) {
    families.withLock { body(&$0[family, default: Family(family: family)]) }
  }
}
