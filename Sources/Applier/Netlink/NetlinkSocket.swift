import CLinux
import Glibc

/// A socket of the calling thread's network namespace to the kernel's netfilter subsystems. Its calls block.
final class NetlinkSocket: Sendable {
  let descriptor: Int32

  init() throws(NetlinkError) {
    let kind = Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    descriptor = socket(AF_NETLINK, kind, NETLINK_NETFILTER)
    guard descriptor >= 0 else { throw NetlinkError(action: "open a netlink socket", code: errno) }
  }

  deinit { close(descriptor) }

  /// Subscribes to a group's messages.
  ///
  /// A port is taken first: without one, the socket would count as the sender that broadcasts leave out.
  func join(_ group: UInt32) throws(NetlinkError) {
    var address = sockaddr_nl()
    address.nl_family = UInt16(AF_NETLINK)
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_nl>.size))
      }
    }
    guard bound == 0 else { throw NetlinkError(action: "bind a netlink socket", code: errno) }
    var group = Int32(group)
    let size = socklen_t(MemoryLayout<Int32>.size)
    guard setsockopt(descriptor, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, size) == 0 else {
      throw NetlinkError(action: "join netlink group \(group)", code: errno)
    }
  }

  /// Sends a request and returns the answer's messages, without the acknowledgement.
  func ask(_ request: NetlinkRequest) throws(NetlinkError) -> [NetlinkMessage] {
    guard send(descriptor, request.bytes, request.bytes.count, 0) == request.bytes.count else {
      throw NetlinkError(action: "send a netlink request", code: errno)
    }
    var answer: [NetlinkMessage] = []
    while true {
      for message in NetlinkMessage.all(in: try receive()) {
        if let code = message.errorCode {
          if code != 0 { throw NetlinkError(action: "netlink request", code: code) }
          return answer
        }
        answer.append(message)
      }
    }
  }

  func receive() throws(NetlinkError) -> ArraySlice<UInt8> {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw NetlinkError(action: "receive from netlink", code: errno) }
      return buffer[..<count]
    }
  }
}

/// A netlink call that failed.
public struct NetlinkError: Error, Sendable, Equatable, CustomStringConvertible {
  public let action: String
  /// The errno.
  public let code: Int32

  public var description: String { "\(action): \(String(cString: strerror(code)))" }
}
