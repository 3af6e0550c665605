import IPTables
import ServiceModel

/// Reads each legacy table at most once. At its start, the proxy needs the tables for the choice of the backend and for
/// the search for rules of an earlier proxy.
package final class RememberedLegacyTables: LegacyTables {
  private let tables: any LegacyTables
  /// A table that does not exist is remembered as nil. A failure is not remembered.
  private let known = SharedValue<[Key: LegacyTable?]>([:])

  private struct Key: Hashable {
    let family: IPFamily
    let table: Table
  }

  package init(_ tables: any LegacyTables = KernelLegacyTables()) { self.tables = tables }

  package func read(_ family: IPFamily, _ table: Table) throws(LegacyTableError) -> LegacyTable? {
    let key = Key(family: family, table: table)
    if let contents = known.value[key] { return contents }
    let contents = try tables.read(family, table)
    known.withLock { $0[key] = .some(contents) }
    return contents
  }
}
