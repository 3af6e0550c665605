import IPTables
import ServiceModel
import System

/// nf_tables over netlink, for tasks that the iptables programs cannot do. They print nothing of a table that has a
/// rule written by `nft`, and they only use the tables that iptables knows.
///
/// Real: ``KernelNFTables``.
package protocol NFTables: Sendable {
  /// The names of a family's tables; empty if the kernel has no nf_tables.
  func tables(_ family: IPFamily) async throws(SystemError) -> Set<String>

  /// The names of a table's chains, including built-in ones; empty if there is no such table.
  func chains(_ family: IPFamily, table: String) async throws(SystemError) -> [String]

  /// The rules of a chain, first to last. Comments, `--ctstate NEW` and the target are read. Any other condition, and
  /// any target that is not a chain, becomes `.other` with the name that nf_tables has for it.
  func rules(_ family: IPFamily, table: String, chain: String) async throws(SystemError) -> [Rule]

  /// Deletes a table with all its contents. It is no error if the table does not exist.
  func deleteTable(_ family: IPFamily, _ name: String) async throws(SystemError)
}

/// The contents of a table that iptables-nft-save cannot print, or not to its end.
struct UnprintableTable: Sendable, Equatable {
  var table: Table
  var chains: [ChainName] = []
  /// The rules of foreign chains and of KUBE-FIREWALL.
  var rules: [ChainName: [Rule]] = [:]

  /// - Parameter isOurs: chains whose rules are not needed, because they are written again or deleted.
  static func read(
    _ table: Table, _ family: IPFamily, from kernel: some NFTables, isOurs: (ChainKey) -> Bool
  ) async throws(SystemError) -> UnprintableTable {
    var result = UnprintableTable(table: table)
    for name in try await kernel.chains(family, table: table.rawValue) {
      let chain = ChainName(name)
      result.chains.append(chain)
      let key = ChainKey(table, chain)
      if isOurs(key) && !key.isSharedWithKubelet { continue }
      result.rules[chain] = try await kernel.rules(family, table: table.rawValue, chain: name)
    }
    return result
  }
}

extension Table {
  /// The table that iptables-nft-save cannot print, according to this line; nil for all other lines. The program still
  /// ends with status 0. For a table that it cannot print to its end, `SystemIPTables.save` adds such a line. So the
  /// reader must forget the lines of the table that came before.
  package init?(notPrintedBySave line: ArraySlice<UInt8>) {
    guard line.first == UInt8(ascii: "#") else { return nil }
    let text = String(decoding: line, as: UTF8.self)
    guard let table = Table.allCases.first(where: { text.hasPrefix("# Table `\($0.rawValue)' is incompatible") }) else {
      return nil
    }
    self = table
  }
}
