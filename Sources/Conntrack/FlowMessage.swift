import CNetfilterConntrack
import Glibc
import ServiceModel

/// Translation between ctnetlink's messages and flows, by libnetfilter_conntrack.
enum FlowMessage {
  /// nil for a message that is no entry of a protocol that Services have.
  static func flow(_ message: UnsafePointer<nlmsghdr>) -> Flow? {
    guard let entry = nfct_new() else { return nil }
    defer { nfct_destroy(entry) }
    guard nfct_nlmsg_parse(message, entry) == 0 else { return nil }
    let number = nfct_get_attr_u8(entry, ATTR_ORIG_L4PROTO)
    guard let transport = TransportProtocol.allCases.first(where: { $0.number == number }) else { return nil }
    let isIPv4 = nfct_get_attr_u8(entry, ATTR_ORIG_L3PROTO) == UInt8(AF_INET)
    let kinds = isIPv4 ? TupleAttributes.ipv4 : TupleAttributes.ipv6
    guard let source = kinds[0].read(entry), let destination = kinds[1].read(entry),
      let replySource = kinds[2].read(entry), let replyDestination = kinds[3].read(entry)
    else { return nil }
    return Flow(
      transport: transport, source: source, destination: destination, replySource: replySource,
      replyDestination: replyDestination, zone: nfct_get_attr_u16(entry, ATTR_ZONE),
      id: nfct_get_attr_u32(entry, ATTR_ID))
  }

  /// Fills an entry with what identifies a flow to the kernel: its original direction, protocol and zone.
  static func identify(_ flow: Flow, in entry: OpaquePointer) {
    let isIPv4 = flow.destination.address.family == .ipv4
    let kinds = isIPv4 ? TupleAttributes.ipv4 : TupleAttributes.ipv6
    nfct_set_attr_u8(entry, ATTR_ORIG_L3PROTO, UInt8(isIPv4 ? AF_INET : AF_INET6))
    nfct_set_attr_u8(entry, ATTR_ORIG_L4PROTO, flow.transport.number)
    kinds[0].write(flow.source, to: entry)
    kinds[1].write(flow.destination, to: entry)
    if flow.zone != 0 { nfct_set_attr_u16(entry, ATTR_ZONE, flow.zone) }
  }
}

/// The attributes of one end of a tuple.
struct TupleAttributes {
  let family: IPFamily
  let address: nf_conntrack_attr
  let port: nf_conntrack_attr

  /// Source and destination of the original direction, then of replies.
  static let ipv4 = [
    TupleAttributes(family: .ipv4, address: ATTR_ORIG_IPV4_SRC, port: ATTR_ORIG_PORT_SRC),
    TupleAttributes(family: .ipv4, address: ATTR_ORIG_IPV4_DST, port: ATTR_ORIG_PORT_DST),
    TupleAttributes(family: .ipv4, address: ATTR_REPL_IPV4_SRC, port: ATTR_REPL_PORT_SRC),
    TupleAttributes(family: .ipv4, address: ATTR_REPL_IPV4_DST, port: ATTR_REPL_PORT_DST),
  ]
  static let ipv6 = [
    TupleAttributes(family: .ipv6, address: ATTR_ORIG_IPV6_SRC, port: ATTR_ORIG_PORT_SRC),
    TupleAttributes(family: .ipv6, address: ATTR_ORIG_IPV6_DST, port: ATTR_ORIG_PORT_DST),
    TupleAttributes(family: .ipv6, address: ATTR_REPL_IPV6_SRC, port: ATTR_REPL_PORT_SRC),
    TupleAttributes(family: .ipv6, address: ATTR_REPL_IPV6_DST, port: ATTR_REPL_PORT_DST),
  ]

  func read(_ entry: OpaquePointer) -> SocketAddress? {
    guard let bytes = nfct_get_attr(entry, address) else { return nil }
    let bits =
      family == .ipv4
      ? UInt128(UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self)))
      : UInt128(bigEndian: bytes.loadUnaligned(as: UInt128.self))
    return SocketAddress(
      IPAddress(family: family, bits: bits), port: UInt16(bigEndian: nfct_get_attr_u16(entry, port)))
  }

  func write(_ end: SocketAddress, to entry: OpaquePointer) {
    if family == .ipv4 {
      nfct_set_attr_u32(entry, address, UInt32(truncatingIfNeeded: end.address.bits).bigEndian)
    } else {
      withUnsafePointer(to: end.address.bits.bigEndian) { nfct_set_attr(entry, address, $0) }
    }
    nfct_set_attr_u16(entry, port, end.port.bigEndian)
  }
}
