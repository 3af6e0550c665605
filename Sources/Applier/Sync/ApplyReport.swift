import IPTables
import ServiceModel

/// What one sync of one family did.
package struct ApplyReport: Sendable, Equatable {
  package enum Scope: String, Sendable { case full, partial }

  /// The changes to one table.
  package struct TableReport: Sendable, Equatable {
    /// Chains that were created or replaced.
    package var chainsWritten = 0
    package var chainsRemoved = 0
    /// Rules that were sent, including jumps in built-in chains.
    package var rulesWritten = 0
    /// The proxy's chains and rules that the table holds now, without jumps in built-in chains.
    package var chainsTotal = 0
    package var rulesTotal = 0

    package init() {}
  }

  package var family: IPFamily
  package var scope: Scope
  package var tables: [Table: TableReport] = [:]
  var jumpsInserted = 0
  package var jumpsRemoved = 0
  /// The number of `COMMIT`s.
  package var transactions = 0
  /// The size of the restore input; 0 if there was nothing to write, so that no process was started.
  package var bytes = 0
  /// This program's own work: planning and rendering the sync, comparison, and bookkeeping.
  package var ownTime: Duration = .zero
  /// The lifetime of the restore processes. It overlaps with this program's own work.
  package var processTime: Duration = .zero
  /// The time to read the kernel's rules, if its state was not known.
  var readTime: Duration = .zero
  /// Tables of nf_tables that iptables-nft-save could not print when the kernel's rules were read.
  package var unprintableTables: [Table] = []
  /// How the kernel differed from the plan; nil if it was not read.
  package var drift: KernelDrift?

  package init(family: IPFamily, scope: Scope) {
    self.family = family
    self.scope = scope
  }

  /// Whether the sync changed nothing in the kernel.
  package var isUnchanged: Bool { bytes == 0 }
}

/// How the kernel's rules differed from the plan when they were read, with chain names for the log.
package struct KernelDrift: Sendable, Equatable {
  /// Planned chains that were missing.
  package var missing = 0
  /// Planned chains with other rules.
  package var changed = 0
  /// Service chains that are not planned.
  package var stale = 0
  /// Jumps from built-in chains that were missing or out of place.
  package var jumps = 0
  /// The first few names of the above.
  package var examples: [String] = []

  package init() {}

  package var isEmpty: Bool { missing + changed + stale + jumps == 0 }

  mutating func note(_ key: ChainKey) {
    if examples.count < 8 { examples.append("\(key.table.rawValue) \(key.name)") }
  }
}
