import IPTables
import ServiceModel

/// What one sync of one family did.
public struct ApplyReport: Sendable, Equatable {
  public enum Scope: String, Sendable { case full, partial }

  /// One table's share.
  public struct TableReport: Sendable, Equatable {
    /// Chains made or replaced.
    public var chainsWritten = 0
    public var chainsRemoved = 0
    /// Rules sent, jumps in built-in chains included.
    public var rulesWritten = 0
    /// Chains and rules of ours that the table holds now, jumps in built-in chains not counted.
    public var chainsTotal = 0
    public var rulesTotal = 0

    public init() {}
  }

  public var family: IPFamily
  public var scope: Scope
  public var tables: [Table: TableReport] = [:]
  public var jumpsInserted = 0
  public var jumpsRemoved = 0
  /// `COMMIT`s.
  public var transactions = 0
  /// Size of the restore input; 0 where nothing had to be written, and then no process was started.
  public var bytes = 0
  /// Own work: planning and rendering what the sync carried, comparison, book-keeping.
  public var ownTime: Duration = .zero
  /// Life of the restore process, overlapping with own work.
  public var processTime: Duration = .zero
  /// Reading the kernel, where its state was not known.
  public var readTime: Duration = .zero
  /// Tables of nf_tables that iptables-nft-save could not print when the kernel was read.
  public var unprintableTables: [Table] = []
  /// What the kernel held otherwise than planned; nil where it was not read.
  public var drift: KernelDrift?

  public init(family: IPFamily, scope: Scope) {
    self.family = family
    self.scope = scope
  }

  /// Whether the kernel was left as it was.
  public var isUnchanged: Bool { bytes == 0 }
}

/// How the kernel differed from the plan when it was read, as chain names for the log.
public struct KernelDrift: Sendable, Equatable {
  /// Planned chains that were not there.
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
