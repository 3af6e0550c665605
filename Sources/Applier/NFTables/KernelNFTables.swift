import CLinux
import Glibc
import IPTables
import ServiceModel
import System

/// nf_tables of the calling thread's network namespace.
package struct KernelNFTables: NFTables {
  package init() {}

  package func tables(_ family: IPFamily) async throws(NetlinkError) -> Set<String> {
    try await blocking { () throws(NetlinkError) in try KernelNFTables.readTables(family) }
  }

  package func chains(_ family: IPFamily, table: String) async throws(NetlinkError) -> [String] {
    try await blocking { () throws(NetlinkError) in try KernelNFTables.readChains(family, table) }
  }

  package func rules(_ family: IPFamily, table: String, chain: String) async throws(NetlinkError) -> [Rule] {
    try await blocking { () throws(NetlinkError) in try KernelNFTables.readRules(family, table, chain) }
  }

  package func deleteTable(_ family: IPFamily, _ name: String) async throws(NetlinkError) {
    try await blocking { () throws(NetlinkError) in try KernelNFTables.remove(family, name) }
  }

  private func blocking<Result: Sendable>(
    _ body: @escaping @Sendable () throws(NetlinkError) -> Result
  ) async throws(NetlinkError) -> Result {
    let outcome = await OwnThread.runAnyway("nf_tables") {
      Swift.Result { () throws(NetlinkError) -> Result in try body() }
    }
    return try outcome.get()
  }
}

/// The blocking calls.
extension KernelNFTables {
  static func readTables(_ family: IPFamily) throws(NetlinkError) -> Set<String> {
    do {
      let answer = try dump(NFT_MSG_GETTABLE, family, [])
      return Set(answer.compactMap { $0.attributes[Int(NFTA_TABLE_NAME.rawValue)]?.cString })
    } catch {
      // A kernel without nf_tables rejects the request.
      if [EINVAL, EOPNOTSUPP, EPROTONOSUPPORT].contains(error.code) { return [] }
      throw error
    }
  }

  static func readChains(_ family: IPFamily, _ table: String) throws(NetlinkError) -> [String] {
    // The kernel lists the chains of all tables, even if the request names one.
    try dump(NFT_MSG_GETCHAIN, family, []).compactMap { message in
      let attributes = message.attributes
      guard attributes[Int(NFTA_CHAIN_TABLE.rawValue)]?.cString == table else { return nil }
      return attributes[Int(NFTA_CHAIN_NAME.rawValue)]?.cString
    }
  }

  static func readRules(_ family: IPFamily, _ table: String, _ chain: String) throws(NetlinkError) -> [Rule] {
    let filter = [(Int(NFTA_RULE_TABLE.rawValue), table), (Int(NFTA_RULE_CHAIN.rawValue), chain)]
    return try dump(NFT_MSG_GETRULE, family, filter).compactMap { message in
      let attributes = message.attributes
      guard attributes[Int(NFTA_RULE_CHAIN.rawValue)]?.cString == chain,
        attributes[Int(NFTA_RULE_TABLE.rawValue)]?.cString == table
      else { return nil }
      return NFTablesRule(attributes).rule
    }
  }

  static func remove(_ family: IPFamily, _ name: String) throws(NetlinkError) {
    let socket = try NetlinkSocket()
    let change = NetlinkRequest(
      kind: kind(NFT_MSG_DELTABLE), flags: NLM_F_ACK, sequence: 2, family: number(family)
    ).adding(Int(NFTA_TABLE_NAME.rawValue), name)
    do {
      try socket.commit([change])
    } catch {
      if error.code != ENOENT { throw error }
    }
  }

  private static func dump(
    _ message: nf_tables_msg_types, _ family: IPFamily, _ attributes: [(Int, String)]
  ) throws(NetlinkError) -> [NetlinkMessage] {
    var request = NetlinkRequest(kind: kind(message), flags: NLM_F_DUMP, sequence: 1, family: number(family))
    for (attribute, text) in attributes { request.add(attribute, text) }
    return try NetlinkSocket().dump(request)
  }

  private static func kind(_ message: nf_tables_msg_types) -> UInt16 {
    NetfilterNumbers.tablesSubsystem << 8 | UInt16(message.rawValue)
  }

  private static func number(_ family: IPFamily) -> UInt8 { UInt8(family == .ipv4 ? AF_INET : AF_INET6) }
}
