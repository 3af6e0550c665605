import CLinux
import Glibc
import IPTables
import Netlink
import System

/// The kernel's named packet counters (nfacct). Rules refer to them by name.
///
/// Real: ``KernelAccounting``. The tests have one in memory.
package protocol Accounting: Sendable {
  /// Creates the counter if there is none with this name.
  func ensure(_ name: String) throws(SystemError)
  /// nil if there is none with this name.
  func read(_ name: String) throws(SystemError) -> Counters?
}

/// The counters of the calling thread's network namespace, over netlink.
package struct KernelAccounting: Accounting {
  package init() {}

  package func ensure(_ name: String) throws(SystemError) {
    do {
      _ = try NetlinkSocket().ask(request(NFNL_MSG_ACCT_NEW, flags: NLM_F_ACK | NLM_F_CREATE, name))
    } catch {
      // The kernel returns these errors if the counter already exists.
      guard error.code == EBUSY || error.code == EEXIST else { throw error }
    }
  }

  package func read(_ name: String) throws(SystemError) -> Counters? {
    do {
      let answer = try NetlinkSocket().ask(request(NFNL_MSG_ACCT_GET, flags: NLM_F_ACK, name))
      guard let packets = answer.first?.number(NFACCT_PKTS.rawValue, UInt64.self),
        let bytes = answer.first?.number(NFACCT_BYTES.rawValue, UInt64.self)
      else { return nil }
      return Counters(packets: packets, bytes: bytes)
    } catch {
      if error.code == ENOENT { return nil }
      throw error
    }
  }

  private func request(_ message: nfnl_acct_msg_types, flags: Int32, _ name: String) -> NetlinkRequest {
    var request = NetlinkRequest(
      subsystem: NetfilterNumbers.accountingSubsystem, message: message.rawValue, flags: flags, sequence: 1)
    request.add(NFACCT_NAME.rawValue, name)
    return request
  }
}
