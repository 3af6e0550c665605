/// Writes protobuf's wire format.
public struct ProtobufWriter {
  public private(set) var bytes: [UInt8] = []

  public init() {}

  public static func varint(_ value: UInt64) -> [UInt8] {
    var result: [UInt8] = []
    var rest = value
    while rest >= 0x80 {
      result.append(UInt8(rest & 0x7f) | 0x80)
      rest >>= 7
    }
    return result + [UInt8(rest)]
  }

  public mutating func number(_ field: Int, _ value: Int64) {
    bytes += ProtobufWriter.varint(UInt64(field) << 3) + ProtobufWriter.varint(UInt64(bitPattern: value))
  }

  public mutating func bytes(_ field: Int, _ value: some Collection<UInt8>) {
    bytes += ProtobufWriter.varint(UInt64(field) << 3 | 2) + ProtobufWriter.varint(UInt64(value.count))
    bytes += value
  }

  public mutating func text(_ field: Int, _ value: String) { bytes(field, value.utf8) }
}
