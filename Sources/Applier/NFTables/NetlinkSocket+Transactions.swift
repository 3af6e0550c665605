import CLinux
import Glibc

/// Requests whose answer is a list, and changes that the kernel makes together or not at all.
extension NetlinkSocket {
  /// Sends a dump request and returns all messages of the answer.
  ///
  /// What changes while the kernel lists it makes the list unreliable; it is asked for again then, up to ten times.
  func dump(_ request: NetlinkRequest) throws(NetlinkError) -> [NetlinkMessage] {
    for _ in 0..<10 {
      if let answer = try list(request) { return answer }
    }
    throw NetlinkError(action: "list nf_tables", code: EINTR)
  }

  /// nil where the list was interrupted by a change.
  private func list(_ request: NetlinkRequest) throws(NetlinkError) -> [NetlinkMessage]? {
    try limitWaiting()
    try send(request.bytes)
    var answer: [NetlinkMessage] = []
    var isInterrupted = false
    while true {
      for message in NetlinkMessage.all(in: try receive()) where message.sequence == request.sequence {
        if let code = message.errorCode { throw NetlinkError(action: "list nf_tables", code: code) }
        if message.flags & UInt16(NLM_F_DUMP_INTR) != 0 { isInterrupted = true }
        if message.kind == UInt16(NLMSG_DONE) { return isInterrupted ? nil : answer }
        answer.append(message)
      }
    }
  }

  /// Commits changes to nf_tables as one transaction. The last one asks for an acknowledgement, and the first error counts.
  func commit(_ changes: [NetlinkRequest]) throws(NetlinkError) {
    guard let last = changes.last else { return }
    try limitWaiting()
    let subsystem = NetfilterNumbers.tablesSubsystem.bigEndian
    let begin = NetlinkRequest(kind: NetfilterNumbers.batchBegin, flags: 0, sequence: 1, resource: subsystem)
    let end = NetlinkRequest(kind: NetfilterNumbers.batchEnd, flags: 0, sequence: 1, resource: subsystem)
    try send(begin.bytes + changes.flatMap(\.bytes) + end.bytes)
    while true {
      for message in NetlinkMessage.all(in: try receive()) {
        guard let code = message.errorCode else { continue }
        if code != 0 { throw NetlinkError(action: "change nf_tables", code: code) }
        if message.sequence == last.sequence { return }
      }
    }
  }

  private func send(_ bytes: [UInt8]) throws(NetlinkError) {
    guard Glibc.send(descriptor, bytes, bytes.count, 0) == bytes.count else {
      throw NetlinkError(action: "send a netlink request", code: errno)
    }
  }

  /// An answer that does not come within five seconds never comes.
  private func limitWaiting() throws(NetlinkError) {
    var limit = timeval(tv_sec: 5, tv_usec: 0)
    guard setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size)) == 0 else {
      throw NetlinkError(action: "limit the wait for netlink", code: errno)
    }
  }
}
