import CLinux
import Glibc
import Netlink
import System

/// Asks for the number of the last commit to nf_tables (the generation), in the network namespace of the thread that
/// created this object.
///
/// The kernel counts commits for all families and tables together (NFT_MSG_GETGEN).
package final class NFTablesGeneration: Sendable {
  private let socket: NetlinkSocket

  package init() throws(SystemError) { socket = try NetlinkSocket() }

  package func current() throws(SystemError) -> UInt32 {
    let request = NetlinkRequest(
      subsystem: NetfilterNumbers.tablesSubsystem, message: UInt32(NFT_MSG_GETGEN.rawValue), flags: NLM_F_ACK,
      sequence: 1)
    for message in try socket.ask(request) {
      if let number = message.number(NFTA_GEN_ID.rawValue, UInt32.self) { return number }
    }
    throw SystemError(action: "ask for the generation of nf_tables", code: EPROTO)
  }
}
