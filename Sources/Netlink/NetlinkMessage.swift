import CLinux
import Glibc
import ServiceModel

/// A message from the kernel's netfilter subsystems.
package struct NetlinkMessage: Sendable {
  package static let headerSize = 16

  /// Subsystem in the high byte, message in the low byte. Values below 16 are netlink's own.
  package let kind: UInt16
  /// `NLM_F_*`
  package let flags: UInt16
  package let sequence: UInt32
  /// The port of the socket whose request led to the message. The port of iptables is its pid.
  package let port: UInt32
  /// The bytes after the header.
  package let payload: ArraySlice<UInt8>

  /// The errno of an error message; 0 for an acknowledgement; nil for all other messages.
  package var errorCode: Int32? {
    guard kind == UInt16(NLMSG_ERROR) else { return nil }
    guard payload.count >= 4 else { return EBADMSG }
    return 0 &- payload.withUnsafeBytes { $0.loadUnaligned(as: Int32.self) }
  }

  /// The errno with which the kernel ended a dump in NLMSG_DONE; nil if the dump is complete.
  package var dumpError: Int32? {
    guard kind == UInt16(NLMSG_DONE), payload.count >= 4 else { return nil }
    let code = payload.withUnsafeBytes { $0.loadUnaligned(as: Int32.self) }
    return code < 0 ? 0 &- code : nil
  }

  /// `nfgen_family`; nil if it is neither IPv4 nor IPv6.
  package var family: IPFamily? { IPFamily.allCases.first { $0.netfilterNumber == payload.first } }

  /// Passes the attributes after nfnetlink's own header to `body`. They are valid only there.
  package func withAttributes<Result>(_ body: (NetlinkAttributes) -> Result) -> Result {
    payload.dropFirst(4).withUnsafeBytes { body(NetlinkAttributes($0)) }
  }

  /// The C string in an attribute; nil if there is no such attribute.
  package func text(_ attribute: UInt32) -> String? { withAttributes { $0.value(attribute)?.cString } }

  /// The number in an attribute, which is in network byte order; nil if there is none of this size.
  package func number<Number: FixedWidthInteger>(_ attribute: UInt32, _ type: Number.Type) -> Number? {
    withAttributes { $0.value(attribute)?.bigEndian(type) }
  }
}

/// The messages of a datagram, one after the other. Iteration stops at a malformed message.
package struct NetlinkMessages: Sequence, IteratorProtocol {
  private var rest: ArraySlice<UInt8>

  package init(_ datagram: ArraySlice<UInt8>) { rest = datagram }

  /// Whether the next message is malformed.
  package var isMalformed: Bool { rest.count >= NetlinkMessage.headerSize && nextLength == nil }

  package mutating func next() -> NetlinkMessage? {
    guard let length = nextLength else { return nil }
    let message = rest.withUnsafeBytes { header in
      NetlinkMessage(
        kind: header.loadUnaligned(fromByteOffset: 4, as: UInt16.self),
        flags: header.loadUnaligned(fromByteOffset: 6, as: UInt16.self),
        sequence: header.loadUnaligned(fromByteOffset: 8, as: UInt32.self),
        port: header.loadUnaligned(fromByteOffset: 12, as: UInt32.self),
        payload: rest.prefix(length).dropFirst(NetlinkMessage.headerSize))
    }
    rest = rest.dropFirst((length + 3) & ~3)
    return message
  }

  private var nextLength: Int? {
    guard rest.count >= NetlinkMessage.headerSize else { return nil }
    let length = Int(rest.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) })
    return (NetlinkMessage.headerSize...rest.count).contains(length) ? length : nil
  }
}
