import CNetfilterConntrack
import Glibc
import ServiceModel

/// The request for all entries of one family and protocol.
///
/// libnetfilter_conntrack before 1.1 cannot filter by protocol, so the message is built here. Kernels before 5.8 do not
/// know the filter and also send the entries of other protocols. The receiver therefore checks the protocol again.
enum DumpRequest {
  /// From the kernel's `CTA_FILTER_F_CTA_PROTO_NUM` (net/netfilter/nf_conntrack_netlink.c).
  private static let filterByProtocol: UInt32 = 1 << 3
  private static let filterOriginalFlags: UInt16 = 1

  /// The kernel's answers carry the same number.
  static let sequence: UInt32 = 1

  static func bytes(_ family: IPFamily, _ transport: TransportProtocol) -> [UInt8] {
    var message = MessageBuilder(
      type: UInt16(NFNL_SUBSYS_CTNETLINK) << 8 | UInt16(IPCTNL_MSG_CT_GET.rawValue),
      flags: UInt16(NLM_F_REQUEST | NLM_F_DUMP), family: family)
    message.nest(UInt16(CTA_TUPLE_ORIG.rawValue)) {
      $0.nest(UInt16(CTA_TUPLE_PROTO.rawValue)) { $0.attribute(UInt16(CTA_PROTO_NUM.rawValue), [transport.number]) }
    }
    message.nest(UInt16(CTA_FILTER.rawValue)) {
      $0.attribute(filterOriginalFlags, withUnsafeBytes(of: filterByProtocol, Array.init))
    }
    return message.finish()
  }
}

/// Builds a netlink message: headers, then attributes, each padded to four bytes (RFC 3549).
private struct MessageBuilder {
  private var bytes: [UInt8]

  init(type: UInt16, flags: UInt16, family: IPFamily) {
    bytes = withUnsafeBytes(
      of: nlmsghdr(nlmsg_len: 0, nlmsg_type: type, nlmsg_flags: flags, nlmsg_seq: DumpRequest.sequence, nlmsg_pid: 0)
    ) {
      Array($0)
    }
    bytes += [UInt8(family == .ipv4 ? AF_INET : AF_INET6), UInt8(NFNETLINK_V0), 0, 0]
  }

  mutating func attribute(_ type: UInt16, _ value: [UInt8]) {
    bytes += withUnsafeBytes(of: UInt16(4 + value.count), Array.init) + withUnsafeBytes(of: type, Array.init) + value
    while bytes.count % 4 != 0 { bytes.append(0) }
  }

  mutating func nest(_ type: UInt16, _ body: (inout MessageBuilder) -> Void) {
    let start = bytes.count
    attribute(type | UInt16(1 << 15), [])
    body(&self)
    withUnsafeBytes(of: UInt16(bytes.count - start)) { bytes.replaceSubrange(start..<start + 2, with: $0) }
  }

  mutating func finish() -> [UInt8] {
    withUnsafeBytes(of: UInt32(bytes.count)) { bytes.replaceSubrange(0..<4, with: $0) }
    return bytes
  }
}
