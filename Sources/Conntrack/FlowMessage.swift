import CNetfilterConntrack
import Netlink
import ServiceModel

/// Conversion between ctnetlink messages and flows. libnetfilter_conntrack writes the attributes that identify a flow
/// in a deletion. This program reads the kernel's messages itself (`NetlinkAttributes` says why).
package enum FlowMessage {
  /// Sets the fields that identify a flow to the kernel: original direction, protocol and zone.
  static func identify(_ flow: Flow, in entry: OpaquePointer) {
    let family = flow.destination.address.family
    let kinds = TupleAttributes.all(family)
    nfct_set_attr_u8(entry, ATTR_ORIG_L3PROTO, family.netfilterNumber)
    nfct_set_attr_u8(entry, ATTR_ORIG_L4PROTO, flow.transport.number)
    kinds[0].write(flow.source, to: entry)
    kinds[1].write(flow.destination, to: entry)
    if flow.zone != 0 { nfct_set_attr_u16(entry, ATTR_ZONE, flow.zone) }
  }
}

extension NetlinkRequest {
  /// Adds the attributes that libnetfilter_conntrack writes for an entry. Returns whether it could.
  mutating func add(_ entry: OpaquePointer, room: Int) -> Bool {
    add(room: room) { nfct_nlmsg_build($0.assumingMemoryBound(to: nlmsghdr.self), entry) == 0 }
  }
}

/// The attributes of one end of a tuple.
struct TupleAttributes {
  let family: IPFamily
  let address: nf_conntrack_attr
  let port: nf_conntrack_attr

  /// Source and destination of the original direction.
  static func all(_ family: IPFamily) -> [TupleAttributes] { family == .ipv4 ? ipv4 : ipv6 }

  private static let ipv4 = [
    TupleAttributes(family: .ipv4, address: ATTR_ORIG_IPV4_SRC, port: ATTR_ORIG_PORT_SRC),
    TupleAttributes(family: .ipv4, address: ATTR_ORIG_IPV4_DST, port: ATTR_ORIG_PORT_DST),
  ]
  private static let ipv6 = [
    TupleAttributes(family: .ipv6, address: ATTR_ORIG_IPV6_SRC, port: ATTR_ORIG_PORT_SRC),
    TupleAttributes(family: .ipv6, address: ATTR_ORIG_IPV6_DST, port: ATTR_ORIG_PORT_DST),
  ]

  func write(_ end: SocketAddress, to entry: OpaquePointer) {
    if family == .ipv4 {
      nfct_set_attr_u32(entry, address, UInt32(truncatingIfNeeded: end.address.bits).bigEndian)
    } else {
      withUnsafePointer(to: end.address.bits.bigEndian) { nfct_set_attr(entry, address, $0) }
    }
    nfct_set_attr_u16(entry, port, end.port.bigEndian)
  }
}
