/// The fields of one message, read one after the other from bytes that stay where they are: nothing is copied, and a
/// field that nobody asks for costs as much as its header. This and `ProtobufListReader` are the only places that move
/// along bytes, and each length is compared with what is left before it is used.
struct ProtobufFields {
  private let bytes: UnsafeRawBufferPointer
  private var offset = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// The next field; nil at the end of the message.
  mutating func next() throws(ProtobufError) -> ProtobufField? {
    guard offset < bytes.count else { return nil }
    guard let header = try ProtobufHeader.read(bytes, at: offset) else {
      throw ProtobufError(problem: "the message ends in the middle of a field")
    }
    let start = offset + header.size
    guard header.length <= bytes.count - start else {
      throw ProtobufError(
        problem: "field \(header.number) claims \(header.length) bytes, and \(bytes.count - start) are left")
    }
    offset = start + header.length
    return ProtobufField(header, UnsafeRawBufferPointer(rebasing: bytes[start..<offset]))
  }
}

/// A message of the API, filled field by field. A field that is not read is skipped. No message that is read here can
/// hold itself, so the types bound how deep the reading nests.
protocol ProtobufMessage {
  init()
  mutating func take(_ field: ProtobufField) throws(ProtobufError)
}

extension ProtobufMessage {
  /// Reads all fields of a message; what was read before stays where they do not replace it.
  mutating func read(_ bytes: UnsafeRawBufferPointer) throws(ProtobufError) {
    var fields = ProtobufFields(bytes)
    while let field = try fields.next() { try take(field) }
  }

  init(protobuf bytes: UnsafeRawBufferPointer) throws(ProtobufError) {
    self.init()
    try read(bytes)
  }
}
