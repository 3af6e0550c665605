/// The value types of protobuf's wire format, except groups, which Kubernetes does not use.
enum ProtobufWireType: UInt8 {
  case varint = 0
  case fixed64 = 1
  /// Text, bytes, or a message.
  case bytes = 2
  case fixed32 = 5

  var description: String {
    switch self {
    case .varint: "a varint"
    case .fixed64: "a fixed64"
    case .bytes: "bytes"
    case .fixed32: "a fixed32"
    }
  }
}

/// The start of a field: its tag and, for bytes, their length.
struct ProtobufHeader {
  var number: Int
  var type: ProtobufWireType
  /// The size of the header in bytes.
  var size: Int
  /// The size of the value in bytes.
  var length: Int
  /// The value of a varint.
  var varint: UInt64 = 0

  /// Reads the header at an offset.
  /// - Returns: nil if the bytes end inside the header.
  static func read(_ bytes: UnsafeRawBufferPointer, at start: Int) throws(ProtobufError) -> ProtobufHeader? {
    guard let tag = try ProtobufVarint.read(bytes, at: start) else { return nil }
    guard (1...0x1fff_ffff).contains(tag.value >> 3) else {
      throw ProtobufError(problem: "\(tag.value >> 3) is not a valid field number")
    }
    guard let type = ProtobufWireType(rawValue: UInt8(tag.value & 7)) else {
      throw ProtobufError(problem: "field \(tag.value >> 3) has wire type \(tag.value & 7), which is not used")
    }
    var header = ProtobufHeader(number: Int(tag.value >> 3), type: type, size: tag.size, length: 0)
    switch type {
    case .fixed64: header.length = 8
    case .fixed32: header.length = 4
    case .varint:
      guard let value = try ProtobufVarint.read(bytes, at: start + tag.size) else { return nil }
      header.length = value.size
      header.varint = value.value
    case .bytes:
      guard let length = try ProtobufVarint.read(bytes, at: start + tag.size) else { return nil }
      guard length.value <= UInt64(UInt32.max) else {
        throw ProtobufError(problem: "field \(header.number) claims to be \(length.value) bytes long")
      }
      header.size += length.size
      header.length = Int(length.value)
    }
    return header
  }
}

enum ProtobufVarint {
  /// Reads the varint at an offset.
  /// - Returns: the value and its size in bytes; nil if the bytes end inside the varint.
  static func read(
    _ bytes: UnsafeRawBufferPointer, at start: Int
  ) throws(ProtobufError) -> (value: UInt64, size: Int)? {
    guard start < bytes.count else { return nil }
    if bytes[start] < 0x80 { return (UInt64(bytes[start]), 1) }
    var value: UInt64 = 0
    var size = 0
    while start + size < bytes.count {
      let byte = bytes[start + size]
      // Nine bytes hold 63 bits, so the tenth byte may only add bit 64.
      if size == 9 && byte > 1 { throw ProtobufError(problem: "a varint does not fit into 64 bits") }
      value |= UInt64(byte & 0x7f) << UInt64(7 * size)
      size += 1
      if byte < 0x80 { return (value, size) }
    }
    return nil
  }
}
