import CLinux
import Glibc
import System

/// A socket to the kernel's netfilter subsystems, in the calling thread's network namespace. Its calls block.
package final class NetlinkSocket: Sendable {
  /// Larger than any datagram that the kernel sends.
  private static let bufferSize = 1 << 16

  private let socket: Descriptor
  package var descriptor: Int32 { socket.number }

  package init() throws(SystemError) {
    let kind = Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    socket = Descriptor(
      owning: try SystemError.check(Glibc.socket(AF_NETLINK, kind, NETLINK_NETFILTER), "open a netlink socket"))
    // The kernel leaves the copy of the request out of its error messages, so a batch of them fits into the receive
    // buffer.
    var on: Int32 = 1
    setsockopt(descriptor, SOL_NETLINK, NETLINK_CAP_ACK, &on, socklen_t(MemoryLayout<Int32>.size))
  }

  /// Uses an open socket. The other end need not be the kernel.
  package init(_ socket: consuming Descriptor) { self.socket = socket }

  /// Subscribes to a group's messages.
  ///
  /// The socket is bound first, because the kernel does not send a broadcast to the socket that has the sender's port.
  /// A socket that is not bound has port 0, and so has the kernel as a sender.
  package func join(_ group: UInt32) throws(SystemError) {
    var address = sockaddr_nl()
    address.nl_family = UInt16(AF_NETLINK)
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_nl>.size))
      }
    }
    try SystemError.check(bound, "bind a netlink socket")
    var group = Int32(group)
    let size = socklen_t(MemoryLayout<Int32>.size)
    try SystemError.check(
      setsockopt(descriptor, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, size), "join netlink group \(group)")
  }

  /// Sends requests in one datagram.
  package func send(_ requests: NetlinkRequest...) throws(SystemError) { try send(requests) }

  package func send(_ requests: [NetlinkRequest]) throws(SystemError) {
    let bytes = requests.flatMap(\.bytes)
    var sent: Int
    repeat {
      sent = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    } while sent < 0 && errno == EINTR
    guard try SystemError.check(sent, "send a netlink request") == bytes.count else {
      throw SystemError(action: "send a netlink request", code: EMSGSIZE)
    }
  }

  /// Blocks until a datagram arrives, and returns its messages.
  /// - Parameter deadline: nil to wait without a limit. The kernel normally answers a request at once. If it does not
  ///   answer, the limit frees the thread.
  package func receive(before deadline: ContinuousClock.Instant? = nil) throws(SystemError) -> [NetlinkMessage] {
    if let deadline { try wait(until: deadline) }
    var messages = NetlinkMessages(try receiveDatagram())
    var result: [NetlinkMessage] = []
    while let message = messages.next() { result.append(message) }
    guard !messages.isMalformed else { throw SystemError(action: "receive from netlink", code: EBADMSG) }
    return result
  }

  /// Blocks until there is something to receive.
  private func wait(until deadline: ContinuousClock.Instant) throws(SystemError) {
    let action = "wait for the kernel's answer to a netlink request"
    while true {
      let left = max(0, (deadline - .now) / .milliseconds(1))
      var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let count = poll(&polled, 1, Int32(clamping: Int64(left.rounded(.up))))
      if count < 0 && errno == EINTR { continue }
      if try SystemError.check(count, action) > 0 { return }
      if deadline <= .now { throw SystemError(action: action, code: ETIMEDOUT) }
    }
  }

  private func receiveDatagram() throws(SystemError) -> ArraySlice<UInt8> {
    while true {
      var code: Int32 = 0
      let datagram = [UInt8](unsafeUninitializedCapacity: NetlinkSocket.bufferSize) { buffer, count in
        let received = recv(descriptor, buffer.baseAddress, buffer.count, 0)
        // The kernel sends no empty datagram, so the other end is closed.
        code = received < 0 ? errno : received == 0 ? EPIPE : 0
        count = max(0, received)
      }
      if code == EINTR { continue }
      guard code == 0 else { throw SystemError(action: "receive from netlink", code: code) }
      return datagram[...]
    }
  }
}
