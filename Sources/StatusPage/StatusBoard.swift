import Conntrack
import IPTables
import ServiceModel
import Synchronization
import Time

/// What the status page shows of syncs and conntrack clean-ups. The daemon's parts write it. Its size is bounded.
package final class StatusBoard: Sendable {
  /// One sync of one family, as the page shows it.
  package struct Sync: Hashable, Sendable {
    package enum Outcome: Hashable, Sendable {
      case full(reason: String)
      case partial
      case failed(error: String)
    }

    package var end: Moment
    package var duration: Duration
    package var outcome: Outcome
    /// Number of Services whose changes the sync applied.
    package var services: Int
    package var rulesWritten: Int

    package init(end: Moment, duration: Duration, outcome: Outcome, services: Int, rulesWritten: Int) {
      self.end = end
      self.duration = duration
      self.outcome = outcome
      self.services = services
      self.rulesWritten = rulesWritten
    }
  }

  /// Number of our chains and rules in a table.
  package struct TableSize: Hashable, Sendable {
    package let table: Table
    package let chains: Int
    package let rules: Int

    package init(_ table: Table, chains: Int, rules: Int) {
      self.table = table
      self.chains = chains
      self.rules = rules
    }
  }

  package struct Family: Equatable, Sendable {
    package let family: IPFamily
    /// Like `nf_tables`. Empty while it is not known.
    package var backend = ""
    /// Why this backend was chosen.
    var backendReason = ""
    package var tables: [TableSize] = []
    /// The last `keptSyncs` syncs, oldest first.
    package var syncs: [Sync] = []
    var syncCount = 0
    var failureCount = 0
    var lastFailure: Sync?
    /// The last conntrack clean-up, and the number of entries that all clean-ups deleted.
    package var conntrack: ReconcileResult?
    package var conntrackDeleted = 0
  }

  /// Number of syncs that are kept for each family.
  static let keptSyncs = 60

  private let families: Mutex<[IPFamily: Family]>

  package init(families: [IPFamily]) {
    self.families = Mutex(Dictionary(uniqueKeysWithValues: families.map { ($0, Family(family: $0)) }))
  }

  package func setBackend(_ family: IPFamily, _ backend: String, reason: String) {
    change(family) {
      $0.backend = backend
      $0.backendReason = reason
    }
  }

  package func setTables(_ family: IPFamily, _ tables: [TableSize]) {
    change(family) { $0.tables = tables.sorted { $0.table < $1.table } }
  }

  package func add(_ family: IPFamily, _ sync: Sync) {
    change(family) {
      if $0.syncs.count == StatusBoard.keptSyncs { $0.syncs.removeFirst() }
      $0.syncs.append(sync)
      $0.syncCount += 1
      guard case .failed = sync.outcome else { return }
      $0.failureCount += 1
      $0.lastFailure = sync
    }
  }

  package func add(_ result: ReconcileResult) {
    change(result.family) {
      $0.conntrack = result
      $0.conntrackDeleted += result.report.deleted
    }
  }

  /// Ordered by family.
  package var all: [Family] { families.withLock { $0.values.sorted { $0.family < $1.family } } }

  private func change(_ family: IPFamily, _ body: (inout Family) -> Void) {
    families.withLock { body(&$0[family, default: Family(family: family)]) }
  }
}
