import IPTables
import ServiceModel

/// The tables of ip_tables and ip6_tables in the kernel. Reading them starts no process and creates no table.
///
/// Real: ``KernelLegacyTables``. In memory: a dictionary in a test.
public protocol LegacyTables: Sendable {
  /// nil if the kernel has no such table, or no legacy tables at all.
  func read(_ family: IPFamily, _ table: Table) throws(LegacyTableError) -> LegacyTable?
}

/// One legacy table at one point in time.
public struct LegacyTable: Sendable, Equatable {
  public struct Chain: Sendable, Equatable {
    public var name: String
    /// The counters of each rule, in order.
    public var counters: [Counters]

    public init(name: String, counters: [Counters]) {
      self.name = name
      self.counters = counters
    }
  }

  /// In the order of libiptc: built-in chains first.
  public var chains: [Chain]

  public init(chains: [Chain]) { self.chains = chains }

  public var ruleCount: Int { chains.reduce(0) { $0 + $1.counters.count } }

  public func contains(_ chain: ChainName) -> Bool { chains.contains { $0.name == chain.description } }
}

/// libiptc could not read a table that the kernel has.
public struct LegacyTableError: Error, Sendable, Equatable, CustomStringConvertible {
  public let family: IPFamily
  public let table: Table
  /// The errno.
  public let code: Int32
  /// The message of libiptc.
  public let message: String

  public var description: String { "reading the legacy \(family.rawValue) table \(table.rawValue): \(message)" }
}
