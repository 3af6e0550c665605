import CLinux
import Glibc

/// The number of the last commit to nf_tables in the network namespace of the thread that made this.
///
/// The kernel counts commits for all families and tables together (NFT_MSG_GETGEN).
package final class NFTablesGeneration: Sendable {
  private let socket: NetlinkSocket

  package init() throws(NetlinkError) { socket = try NetlinkSocket() }

  package func current() throws(NetlinkError) -> UInt32 {
    let kind = NetfilterNumbers.tablesSubsystem << 8 | UInt16(NFT_MSG_GETGEN.rawValue)
    let answer = try socket.ask(NetlinkRequest(kind: kind, flags: NLM_F_ACK, sequence: 1))
    for message in answer {
      if let number = message.attributes[Int(NFTA_GEN_ID.rawValue)]?.bigEndian(UInt32.self) { return number }
    }
    throw NetlinkError(action: "ask for the generation of nf_tables", code: EPROTO)
  }
}
