import CNetfilterConntrack
import Glibc

/// A socket to the kernel's netfilter subsystem (netlink(7)). `deinit` closes it.
final class NetlinkSocket: Sendable {
  /// Larger than any datagram that the kernel sends in a dump.
  static let bufferSize = 1 << 16

  private let file: CInt

  init() throws(ConntrackError) {
    file = socket(AF_NETLINK, Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue), NETLINK_NETFILTER)
    guard file >= 0 else { throw ConntrackError(.openSocket, code: errno) }
    var on: CInt = 1
    // The kernel leaves the copy of the request out of its error messages, so a batch of them fits into the receive
    // buffer.
    setsockopt(file, SOL_NETLINK, NETLINK_CAP_ACK, &on, socklen_t(MemoryLayout<CInt>.size))
    // The kernel normally answers at once. If it does not answer, the time limit frees the thread.
    var patience = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(file) }

  func send(_ bytes: [UInt8], as step: ConntrackError.Step) throws(ConntrackError) {
    var sent: Int
    repeat { sent = Glibc.send(file, bytes, bytes.count, 0) } while sent < 0 && errno == EINTR
    guard sent == bytes.count else { throw ConntrackError(step, code: sent < 0 ? errno : EMSGSIZE) }
  }

  /// Receives one datagram and passes each of its messages to `body`. Returns whether the dump ended.
  ///
  /// Messages whose sequence number is not `sequence` are skipped. An error message is thrown unless `onError` handles
  /// it.
  func receive(
    as step: ConntrackError.Step, answering sequence: UInt32? = nil,
    onError: (_ code: Int32, _ sequence: UInt32) throws(ConntrackError) -> Bool = { (_, _) throws(ConntrackError) in
      false
    },
    _ body: (UnsafePointer<nlmsghdr>) throws(ConntrackError) -> Void
  ) throws(ConntrackError) -> Bool {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: NetlinkSocket.bufferSize, alignment: 8)
    defer { buffer.deallocate() }
    var count: Int
    repeat { count = recv(file, buffer.baseAddress, buffer.count, 0) } while count < 0 && errno == EINTR
    guard count > 0 else {
      // `recv` returns EAGAIN when its time limit has passed.
      let code = count < 0 ? errno : EPIPE
      throw ConntrackError(step, code: code == EAGAIN ? ETIMEDOUT : code)
    }
    var offset = 0
    while offset + MemoryLayout<nlmsghdr>.size <= count {
      let header = UnsafePointer(buffer.baseAddress!.advanced(by: offset).assumingMemoryBound(to: nlmsghdr.self))
      let length = Int(header.pointee.nlmsg_len)
      guard length >= MemoryLayout<nlmsghdr>.size, offset + length <= count else {
        throw ConntrackError(step, code: EBADMSG)
      }
      defer { offset += (length + 3) & ~3 }
      // A late answer to another request is skipped.
      if let sequence, header.pointee.nlmsg_seq != sequence { continue }
      switch Int32(header.pointee.nlmsg_type) {
      case NLMSG_DONE: return true
      case NLMSG_ERROR:
        guard length >= MemoryLayout<nlmsghdr>.size + 4 else { throw ConntrackError(step, code: EBADMSG) }
        let error = UnsafeRawPointer(header).advanced(by: MemoryLayout<nlmsghdr>.size).load(as: Int32.self)
        let code = 0 &- error
        guard try onError(code, header.pointee.nlmsg_seq) else { throw ConntrackError(step, code: code) }
      default: try body(header)
      }
    }
    return false
  }
}

extension ConntrackError {
  init(_ step: Step, code: Int32) {
    self.init(step: step, code: code, cause: String(cString: strerror(code)))
  }
}
