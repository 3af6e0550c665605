/// Attributes of a netlink message (RFC 3549), one behind the other: length, type, value, and padding to four bytes. What
/// is malformed ends them.
///
/// libnetfilter_conntrack's own reader ends the process where an attribute is not as long as it expects.
public struct NetlinkAttributes: Sequence, IteratorProtocol {
  public struct Attribute {
    /// Without the flags for nesting and byte order.
    public let type: Int
    /// Valid as long as the message is.
    public let value: UnsafeRawBufferPointer
  }

  private var rest: UnsafeRawBufferPointer

  public init(_ bytes: UnsafeRawBufferPointer) { rest = bytes }

  public mutating func next() -> Attribute? {
    guard rest.count >= 4 else { return nil }
    let length = Int(rest.loadUnaligned(as: UInt16.self))
    guard length >= 4, length <= rest.count else { return nil }
    let type = Int(rest.loadUnaligned(fromByteOffset: 2, as: UInt16.self) & 0x3fff)
    let value = UnsafeRawBufferPointer(rebasing: rest[4..<length])
    rest = UnsafeRawBufferPointer(rebasing: rest[Swift.min(rest.count, (length + 3) & ~3)...])
    return Attribute(type: type, value: value)
  }
}

extension UnsafeRawBufferPointer {
  /// A number in network order; nil where the value has another length.
  public func bigEndian<Number: FixedWidthInteger>(_ type: Number.Type) -> Number? {
    count == MemoryLayout<Number>.size ? Number(bigEndian: loadUnaligned(as: Number.self)) : nil
  }
}
