import IPTables
import ServiceModel

/// The tables of ip_tables and ip6_tables in the kernel. Reading them starts no process and creates no table.
///
/// Real: ``KernelLegacyTables``. In memory: a dictionary in a test.
package protocol LegacyTables: Sendable {
  /// nil if the kernel has no such table, or no legacy tables at all.
  func read(_ family: IPFamily, _ table: Table) throws(LegacyTableError) -> LegacyTable?
}

/// One legacy table at one point in time.
package struct LegacyTable: Sendable, Equatable {
  package struct Chain: Sendable, Equatable {
    package var name: String
    /// The counters of each rule, in order.
    package var counters: [Counters]

    package init(name: String, counters: [Counters]) {
      self.name = name
      self.counters = counters
    }
  }

  /// In the order of libiptc: built-in chains first.
  package var chains: [Chain]

  package init(chains: [Chain]) { self.chains = chains }

  var ruleCount: Int { chains.reduce(0) { $0 + $1.counters.count } }

  package func contains(_ chain: ChainName) -> Bool {
    let name = chain.description
    return chains.contains { $0.name == name }
  }
}

/// libiptc could not read a table that the kernel has.
package struct LegacyTableError: Error, Sendable, Equatable, CustomStringConvertible {
  package let family: IPFamily
  package let table: Table
  /// The errno.
  package let code: Int32
  /// The message of libiptc.
  package let message: String

  package var description: String { "reading the legacy \(family.rawValue) table \(table.rawValue): \(message)" }
}
