/// Writes protobuf's wire format.
package struct ProtobufWriter {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package static func varint(_ value: UInt64) -> [UInt8] {
    var result: [UInt8] = []
    var rest = value
    while rest >= 0x80 {
      result.append(UInt8(rest & 0x7f) | 0x80)
      rest >>= 7
    }
    return result + [UInt8(rest)]
  }

  package mutating func number(_ field: Int, _ value: Int64) {
    bytes += ProtobufWriter.varint(UInt64(field) << 3) + ProtobufWriter.varint(UInt64(bitPattern: value))
  }

  package mutating func bytes(_ field: Int, _ value: some Collection<UInt8>) {
    bytes += ProtobufWriter.varint(UInt64(field) << 3 | 2) + ProtobufWriter.varint(UInt64(value.count))
    bytes += value
  }

  package mutating func text(_ field: Int, _ value: String) { bytes(field, value.utf8) }
}
