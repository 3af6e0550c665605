import CLinux
import Glibc
import IPTables
import Netlink
import ServiceModel
import System

/// nf_tables of the calling thread's network namespace.
package struct KernelNFTables: NFTables {
  package init() {}

  package func tables(_ family: IPFamily) async throws(SystemError) -> Set<String> {
    try await blocking { () throws(SystemError) in try KernelNFTables.readTables(family) }
  }

  package func chains(_ family: IPFamily, table: String) async throws(SystemError) -> [String] {
    try await blocking { () throws(SystemError) in try KernelNFTables.readChains(family, table) }
  }

  package func rules(_ family: IPFamily, table: String, chain: String) async throws(SystemError) -> [Rule] {
    try await blocking { () throws(SystemError) in try KernelNFTables.readRules(family, table, chain) }
  }

  package func deleteTable(_ family: IPFamily, _ name: String) async throws(SystemError) {
    try await blocking { () throws(SystemError) in try KernelNFTables.remove(family, name) }
  }

  private func blocking<Result: Sendable>(
    _ body: @escaping @Sendable () throws(SystemError) -> Result
  ) async throws(SystemError) -> Result {
    let outcome = await OwnThread.runAnyway("nf_tables") {
      Swift.Result { () throws(SystemError) -> Result in try body() }
    }
    return try outcome.get()
  }
}

/// The blocking calls.
extension KernelNFTables {
  static func readTables(_ family: IPFamily) throws(SystemError) -> Set<String> {
    do {
      let answer = try dump(NFT_MSG_GETTABLE, family, [])
      return Set(answer.compactMap { $0.text(NFTA_TABLE_NAME.rawValue) })
    } catch {
      // A kernel without nf_tables rejects the request.
      if [EINVAL, EOPNOTSUPP, EPROTONOSUPPORT].contains(error.code) { return [] }
      throw error
    }
  }

  static func readChains(_ family: IPFamily, _ table: String) throws(SystemError) -> [String] {
    // The kernel lists the chains of all tables, even if the request names one.
    try dump(NFT_MSG_GETCHAIN, family, []).compactMap { message in
      message.text(NFTA_CHAIN_TABLE.rawValue) == table ? message.text(NFTA_CHAIN_NAME.rawValue) : nil
    }
  }

  static func readRules(_ family: IPFamily, _ table: String, _ chain: String) throws(SystemError) -> [Rule] {
    let filter = [(NFTA_RULE_TABLE.rawValue, table), (NFTA_RULE_CHAIN.rawValue, chain)]
    return try dump(NFT_MSG_GETRULE, family, filter).compactMap { message in
      guard message.text(NFTA_RULE_CHAIN.rawValue) == chain, message.text(NFTA_RULE_TABLE.rawValue) == table
      else { return nil }
      return NFTablesRule(message).rule
    }
  }

  static func remove(_ family: IPFamily, _ name: String) throws(SystemError) {
    var change = request(NFT_MSG_DELTABLE, family, flags: NLM_F_ACK, sequence: 2)
    change.add(NFTA_TABLE_NAME.rawValue, name)
    do {
      try NetlinkSocket().commit([change])
    } catch {
      if error.code != ENOENT { throw error }
    }
  }

  private static func dump(
    _ message: nf_tables_msg_types, _ family: IPFamily, _ attributes: [(UInt32, String)]
  ) throws(SystemError) -> [NetlinkMessage] {
    var request = request(message, family, flags: NLM_F_DUMP, sequence: 1)
    for (attribute, text) in attributes { request.add(attribute, text) }
    return try NetlinkSocket().list(request, "list nf_tables")
  }

  private static func request(
    _ message: nf_tables_msg_types, _ family: IPFamily, flags: Int32, sequence: UInt32
  ) -> NetlinkRequest {
    NetlinkRequest(
      subsystem: NetfilterNumbers.tablesSubsystem, message: UInt32(message.rawValue), flags: flags,
      sequence: sequence, family: family)
  }
}
