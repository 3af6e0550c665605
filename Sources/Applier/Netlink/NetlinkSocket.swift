import CLinux
import Glibc
import System

/// A socket to the kernel's netfilter subsystems, in the calling thread's network namespace. Its calls block.
final class NetlinkSocket: Sendable {
  private let socket: Descriptor
  var descriptor: Int32 { socket.number }

  init() throws(NetlinkError) {
    let kind = Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    socket = Descriptor(
      owning: try NetlinkError.check(Glibc.socket(AF_NETLINK, kind, NETLINK_NETFILTER), "open a netlink socket"))
  }

  /// Uses an open socket. The other end need not be the kernel.
  init(_ socket: consuming Descriptor) { self.socket = socket }

  /// Subscribes to a group's messages.
  ///
  /// The socket is bound first. Without a port it would count as the sender, which does not get its own broadcasts.
  func join(_ group: UInt32) throws(NetlinkError) {
    var address = sockaddr_nl()
    address.nl_family = UInt16(AF_NETLINK)
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_nl>.size))
      }
    }
    try NetlinkError.check(bound, "bind a netlink socket")
    var group = Int32(group)
    let size = socklen_t(MemoryLayout<Int32>.size)
    try NetlinkError.check(
      setsockopt(descriptor, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, size), "join netlink group \(group)")
  }

  /// Sends a request and returns the messages of the answer, without the acknowledgement. Messages that answer another
  /// request are ignored.
  /// - Parameter limit: how long the kernel may take to acknowledge the request. It does so at once, or never.
  func ask(_ request: NetlinkRequest, limit: Duration = .seconds(2)) throws(NetlinkError) -> [NetlinkMessage] {
    let deadline = ContinuousClock.now + limit
    let sent = try NetlinkError.check(
      send(descriptor, request.bytes, request.bytes.count, Int32(MSG_NOSIGNAL)), "send a netlink request")
    guard sent == request.bytes.count else { throw NetlinkError(action: "send a netlink request", code: EMSGSIZE) }
    var answer: [NetlinkMessage] = []
    while true {
      try wait(until: deadline)
      for message in NetlinkMessage.all(in: try receive()) where message.sequence == request.sequence {
        if let code = message.errorCode {
          if code != 0 { throw NetlinkError(action: "netlink request", code: code) }
          return answer
        }
        answer.append(message)
      }
    }
  }

  /// Blocks until there is something to receive.
  private func wait(until deadline: ContinuousClock.Instant) throws(NetlinkError) {
    let action = "wait for the kernel's answer to a netlink request"
    while true {
      let left = max(0, (deadline - .now) / .milliseconds(1))
      var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let count = poll(&polled, 1, Int32(clamping: Int64(left.rounded(.up))))
      if count < 0 && errno == EINTR { continue }
      if try NetlinkError.check(count, action) > 0 { return }
      if deadline <= .now { throw NetlinkError(action: action, code: ETIMEDOUT) }
    }
  }

  func receive() throws(NetlinkError) -> ArraySlice<UInt8> {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count < 0 && errno == EINTR { continue }
      // The kernel sends no empty datagram, so the other end is closed.
      guard try NetlinkError.check(count, "receive from netlink") > 0 else {
        throw NetlinkError(action: "receive from netlink", code: EPIPE)
      }
      return buffer[..<count]
    }
  }
}

/// A netlink call that failed.
package struct NetlinkError: Error, Sendable, Equatable, CustomStringConvertible {
  package let action: String
  /// The errno.
  package let code: Int32

  package init(action: String, code: Int32) {
    self.action = action
    self.code = code
  }

  package var description: String { "\(action): \(String(cString: strerror(code)))" }

  /// The result of a call. Throws an error with its `errno` if the result is negative.
  @discardableResult
  static func check<Number: SignedInteger>(
    _ result: Number, _ action: @autoclosure () -> String
  ) throws(NetlinkError) -> Number {
    do throws(SystemError) {
      return try SystemError.check(result, action())
    } catch {
      throw NetlinkError(action: error.action, code: error.code)
    }
  }
}
