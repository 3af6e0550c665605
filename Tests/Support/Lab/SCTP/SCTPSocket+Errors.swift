import Glibc

/// An ICMP error about a packet that was sent.
struct SCTPError: Hashable, Sendable {
  /// `errno` of the failure.
  let code: Int32
  /// Source port of the packet. It identifies the client, because a raw socket gets the errors of all clients of an
  /// address.
  let sourcePort: UInt16
}

extension SCTPSocket {
  private enum Option {
    // IP_RECVERR and IPV6_RECVERR (linux/in.h, linux/in6.h): queue errors together with the packets that caused them.
    static let ipv4 = (level: Int32(IPPROTO_IP), name: Int32(11))
    static let ipv6 = (level: Int32(IPPROTO_IPV6), name: Int32(25))
  }

  func keepErrors(_ isIPv4: Bool) {
    let option = isIPv4 ? Option.ipv4 : Option.ipv6
    var on: Int32 = 1
    setsockopt(raw.descriptor, option.level, option.name, &on, socklen_t(MemoryLayout<Int32>.size))
  }

  /// The oldest error in the queue; nil if there is none (ip(7), IP_RECVERR).
  func takeError() -> SCTPError? {
    var packet = [UInt8](repeating: 0, count: 512)
    var control = [UInt8](repeating: 0, count: 256)
    let count = packet.withUnsafeMutableBytes { packet in
      control.withUnsafeMutableBytes { control in
        var part = iovec(iov_base: packet.baseAddress, iov_len: packet.count)
        return withUnsafeMutablePointer(to: &part) { part in
          var message = msghdr()
          message.msg_iov = part
          message.msg_iovlen = 1
          message.msg_control = control.baseAddress
          message.msg_controllen = control.count
          return recvmsg(raw.descriptor, &message, Int32(MSG_ERRQUEUE))
        }
      }
    }
    guard count >= 2 else { return nil }
    // There is one control message: its header, then a sock_extended_err, which begins with the errno.
    let code = control.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: MemoryLayout<cmsghdr>.size, as: UInt32.self) }
    return SCTPError(code: Int32(code), sourcePort: UInt16(packet[0]) << 8 | UInt16(packet[1]))
  }
}
