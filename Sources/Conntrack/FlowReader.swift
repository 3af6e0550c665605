import CNetfilterConntrack
import Netlink
import ServiceModel

extension FlowMessage {
  /// One direction of an entry, with the fields that have been read so far.
  private struct Tuple {
    var source: IPAddress?
    var destination: IPAddress?
    var transport: UInt8?
    var sourcePort: UInt16 = 0
    var destinationPort: UInt16 = 0
    /// The zone of this direction alone; nil if the zone is the one of the entry.
    var zone: UInt16?

    var ends: (source: SocketAddress, destination: SocketAddress)? {
      guard let source, let destination, source.family == destination.family else { return nil }
      return (SocketAddress(source, port: sourcePort), SocketAddress(destination, port: destinationPort))
    }
  }

  /// nil if the message is not an entry of a protocol that Services can use.
  package static func flow(_ message: NetlinkMessage) -> Flow? { message.withAttributes(flow) }

  private static func flow(_ attributes: NetlinkAttributes) -> Flow? {
    var original = Tuple()
    var reply = Tuple()
    var zone: UInt16 = 0
    var id: UInt32 = 0
    for attribute in attributes {
      switch attribute.type {
      case CTA_TUPLE_ORIG.rawValue: original = tuple(attribute.value)
      case CTA_TUPLE_REPLY.rawValue: reply = tuple(attribute.value)
      case CTA_ZONE.rawValue: zone = attribute.value.bigEndian(UInt16.self) ?? 0
      // `DeletionBatch` converts the id back to network order when it sends the id to the kernel.
      case CTA_ID.rawValue: id = attribute.value.bigEndian(UInt32.self) ?? 0
      default: break
      }
    }
    guard let transport = TransportProtocol.allCases.first(where: { $0.number == original.transport }),
      let there = original.ends, let back = reply.ends
    else { return nil }
    return Flow(
      transport: transport, source: there.source, destination: there.destination, replySource: back.source,
      replyDestination: back.destination, zone: original.zone ?? reply.zone ?? zone, id: id)
  }

  private static func tuple(_ bytes: UnsafeRawBufferPointer) -> Tuple {
    var result = Tuple()
    for part in NetlinkAttributes(bytes) {
      switch part.type {
      case CTA_TUPLE_IP.rawValue: addresses(part.value, &result)
      case CTA_TUPLE_PROTO.rawValue: ports(part.value, &result)
      case CTA_TUPLE_ZONE.rawValue: result.zone = part.value.bigEndian(UInt16.self)
      default: break
      }
    }
    return result
  }

  private static func addresses(_ bytes: UnsafeRawBufferPointer, _ tuple: inout Tuple) {
    for attribute in NetlinkAttributes(bytes) {
      let ipv4 = attribute.value.bigEndian(UInt32.self).map { IPAddress(family: .ipv4, bits: UInt128($0)) }
      let ipv6 = attribute.value.bigEndian(UInt128.self).map { IPAddress(family: .ipv6, bits: $0) }
      switch attribute.type {
      case CTA_IP_V4_SRC.rawValue: tuple.source = ipv4
      case CTA_IP_V4_DST.rawValue: tuple.destination = ipv4
      case CTA_IP_V6_SRC.rawValue: tuple.source = ipv6
      case CTA_IP_V6_DST.rawValue: tuple.destination = ipv6
      default: break
      }
    }
  }

  private static func ports(_ bytes: UnsafeRawBufferPointer, _ tuple: inout Tuple) {
    for attribute in NetlinkAttributes(bytes) {
      switch attribute.type {
      case CTA_PROTO_NUM.rawValue: tuple.transport = attribute.value.bigEndian(UInt8.self)
      case CTA_PROTO_SRC_PORT.rawValue: tuple.sourcePort = attribute.value.bigEndian(UInt16.self) ?? 0
      case CTA_PROTO_DST_PORT.rawValue: tuple.destinationPort = attribute.value.bigEndian(UInt16.self) ?? 0
      default: break
      }
    }
  }
}
