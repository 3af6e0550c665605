/// The fields of one message, read one after the other without copying the bytes. A field that is not needed costs only
/// the reading of its header. This type, `ProtobufListReader` and `ProtobufWatchReader` are the only ones that move
/// forward in the bytes. They compare each length with the remaining bytes before they use it.
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

/// A message of the API, which is filled field by field. Fields that are not needed are skipped. No message type
/// contains itself, so the types limit the nesting depth.
protocol ProtobufMessage {
  init()
  mutating func take(_ field: ProtobufField) throws(ProtobufError)
}

extension ProtobufMessage {
  /// Reads all fields of a message. Fields that were read before stay unless a new field replaces them.
  mutating func read(_ bytes: UnsafeRawBufferPointer) throws(ProtobufError) {
    var fields = ProtobufFields(bytes)
    while let field = try fields.next() { try take(field) }
  }

  init(protobuf bytes: UnsafeRawBufferPointer) throws(ProtobufError) {
    self.init()
    try read(bytes)
  }
}
