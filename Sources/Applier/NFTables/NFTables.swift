import IPTables
import ServiceModel

/// nf_tables over netlink, for what the iptables programs do not tell or do: they print nothing of a table in which they
/// find a rule that `nft` wrote, and they know their own tables only.
///
/// Real: ``KernelNFTables``. In memory: `MemoryNFTables` of the test support.
public protocol NFTables: Sendable {
  /// The names of a family's tables; empty where the kernel has no nf_tables.
  func tables(_ family: IPFamily) async throws(NetlinkError) -> Set<String>

  /// The names of a table's chains, built-in ones included; empty where there is no such table.
  func chains(_ family: IPFamily, table: String) async throws(NetlinkError) -> [String]

  /// The rules of a chain, first to last. Comments, `--ctstate NEW` and the target are read; any other condition, and any
  /// target but a chain, stands there as `.other` with nf_tables' name for it.
  func rules(_ family: IPFamily, table: String, chain: String) async throws(NetlinkError) -> [Rule]

  /// Deletes a table with all that is in it. A table that is not there is no error.
  func deleteTable(_ family: IPFamily, _ name: String) async throws(NetlinkError)
}

/// What nf_tables holds in a table that iptables-nft-save cannot print.
struct UnprintableTable: Sendable, Equatable {
  var table: Table
  var chains: [ChainName] = []
  /// Of chains that are not this program's or kube-proxy's, and of KUBE-FIREWALL.
  var rules: [ChainName: [Rule]] = [:]

  /// - Parameter isOurs: chains whose rules are of no interest, as they are written anew or deleted.
  static func read(
    _ table: Table, _ family: IPFamily, from kernel: some NFTables, isOurs: (ChainKey) -> Bool
  ) async throws(NetlinkError) -> UnprintableTable {
    var result = UnprintableTable(table: table)
    for name in try await kernel.chains(family, table: table.rawValue) {
      let chain = ChainName(name)
      result.chains.append(chain)
      let key = ChainKey(table, chain)
      if isOurs(key) && !KernelImage.isShared(key) { continue }
      result.rules[chain] = try await kernel.rules(family, table: table.rawValue, chain: name)
    }
    return result
  }
}

extension Table {
  /// The table that a line of iptables-nft-save says it cannot print; nil for all other lines. The program ends with
  /// status 0 all the same.
  public init?(notPrintedBySave line: ArraySlice<UInt8>) {
    guard line.first == UInt8(ascii: "#") else { return nil }
    let text = String(decoding: line, as: UTF8.self)
    guard let table = Table.allCases.first(where: { text.hasPrefix("# Table `\($0.rawValue)' is incompatible") }) else {
      return nil
    }
    self = table
  }
}
