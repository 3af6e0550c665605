/// The attributes of a netlink message (RFC 3549), one after the other: length, type, value, and padding to four bytes.
/// Iteration stops at the first malformed attribute.
///
/// libnetfilter_conntrack's own reader aborts the process if an attribute does not have the expected length.
package struct NetlinkAttributes: Sequence, IteratorProtocol {
  package struct Attribute {
    /// Without the flags for nesting and byte order.
    package let type: UInt32
    /// Valid only as long as the message's memory.
    package let value: UnsafeRawBufferPointer
  }

  private var rest: UnsafeRawBufferPointer

  package init(_ bytes: UnsafeRawBufferPointer) { rest = bytes }

  package mutating func next() -> Attribute? {
    guard rest.count >= 4 else { return nil }
    let length = Int(rest.loadUnaligned(as: UInt16.self))
    guard length >= 4, length <= rest.count else { return nil }
    let type = rest.loadUnaligned(fromByteOffset: 2, as: UInt16.self) & 0x3fff
    let value = UnsafeRawBufferPointer(rebasing: rest[4..<length])
    rest = UnsafeRawBufferPointer(rebasing: rest[Swift.min(rest.count, (length + 3) & ~3)...])
    return Attribute(type: UInt32(type), value: value)
  }

  /// The value of the first attribute of a type.
  package func value(_ type: UInt32) -> UnsafeRawBufferPointer? { first { $0.type == type }?.value }

  /// The attributes in the first attribute of a type; none if there is no such attribute.
  package func nested(_ type: UInt32) -> NetlinkAttributes {
    NetlinkAttributes(value(type) ?? UnsafeRawBufferPointer(start: nil, count: 0))
  }
}

extension UnsafeRawBufferPointer {
  /// A number in network byte order. nil if the value does not have the size of `type`.
  package func bigEndian<Number: FixedWidthInteger>(_ type: Number.Type) -> Number? {
    count == MemoryLayout<Number>.size ? Number(bigEndian: loadUnaligned(as: Number.self)) : nil
  }

  /// The text up to the terminating zero.
  package var cString: String { String(decoding: prefix { $0 != 0 }, as: UTF8.self) }
}
