import IPTables
import ServiceModel

/// What one sync of one family did.
public struct ApplyReport: Sendable, Equatable {
  public enum Scope: String, Sendable { case full, partial }

  /// The changes to one table.
  public struct TableReport: Sendable, Equatable {
    /// Chains that were created or replaced.
    public var chainsWritten = 0
    public var chainsRemoved = 0
    /// Rules that were sent, including jumps in built-in chains.
    public var rulesWritten = 0
    /// The proxy's chains and rules that the table holds now, without jumps in built-in chains.
    public var chainsTotal = 0
    public var rulesTotal = 0

    public init() {}
  }

  public var family: IPFamily
  public var scope: Scope
  public var tables: [Table: TableReport] = [:]
  public var jumpsInserted = 0
  public var jumpsRemoved = 0
  /// The number of `COMMIT`s.
  public var transactions = 0
  /// The size of the restore input; 0 if there was nothing to write, so that no process was started.
  public var bytes = 0
  /// This program's own work: planning and rendering the sync, comparison, and bookkeeping.
  public var ownTime: Duration = .zero
  /// The lifetime of the restore processes. It overlaps with this program's own work.
  public var processTime: Duration = .zero
  /// The time to read the kernel's rules, if its state was not known.
  public var readTime: Duration = .zero
  /// Tables of nf_tables that iptables-nft-save could not print when the kernel's rules were read.
  public var unprintableTables: [Table] = []
  /// How the kernel differed from the plan; nil if it was not read.
  public var drift: KernelDrift?

  public init(family: IPFamily, scope: Scope) {
    self.family = family
    self.scope = scope
  }

  /// Whether the sync changed nothing in the kernel.
  public var isUnchanged: Bool { bytes == 0 }
}

/// How the kernel's rules differed from the plan when they were read, with chain names for the log.
public struct KernelDrift: Sendable, Equatable {
  /// Planned chains that were missing.
  public var missing = 0
  /// Planned chains with other rules.
  public var changed = 0
  /// Service chains that are not planned.
  public var stale = 0
  /// Jumps from built-in chains that were missing or out of place.
  public var jumps = 0
  /// The first few names of the above.
  public var examples: [String] = []

  public init() {}

  public var isEmpty: Bool { missing + changed + stale + jumps == 0 }

  mutating func note(_ key: ChainKey) {
    if examples.count < 8 { examples.append("\(key.table.rawValue) \(key.name)") }
  }
}
