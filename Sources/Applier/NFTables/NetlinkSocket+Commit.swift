import CLinux
import Glibc
import Netlink
import System

extension NetlinkSocket {
  /// Commits changes to nf_tables as one transaction: the kernel applies all of them or none. The last change requests
  /// an acknowledgement, and the first error is thrown.
  func commit(_ changes: [NetlinkRequest]) throws(SystemError) {
    guard let last = changes.last else { return }
    try send([batchLimit(NetfilterNumbers.batchBegin)] + changes + [batchLimit(NetfilterNumbers.batchEnd)])
    while true {
      for message in try receive(before: ContinuousClock.now + .seconds(5)) {
        guard let code = message.errorCode else { continue }
        if code != 0 { throw SystemError(action: "change nf_tables", code: code) }
        if message.sequence == last.sequence { return }
      }
    }
  }

  private func batchLimit(_ message: UInt32) -> NetlinkRequest {
    NetlinkRequest(
      subsystem: 0, message: message, flags: 0, sequence: 1, resource: NetfilterNumbers.tablesSubsystem.bigEndian)
  }
}
