/// One field of a message. It points into the bytes of the whole answer, so it is valid only as long as they are.
struct ProtobufField {
  /// More entries than any list in an object that the API server accepts. It limits the memory for a list of empty
  /// messages.
  static let listLimit = 100_000

  let number: Int
  private let type: ProtobufWireType
  private let varint: UInt64
  private let value: UnsafeRawBufferPointer

  init(_ header: ProtobufHeader, _ value: UnsafeRawBufferPointer) {
    number = header.number
    type = header.type
    varint = header.varint
    self.value = value
  }

  // In the functions below, `name` is the API's name of the field, for messages.

  func bytes(_ name: String) throws(ProtobufError) -> UnsafeRawBufferPointer {
    try expect(.bytes, name)
    return value
  }

  func string(_ name: String) throws(ProtobufError) -> String {
    try expect(.bytes, name)
    guard let text = String(validating: value, as: UTF8.self) else {
      throw ProtobufError(field: name, problem: "is not valid UTF-8")
    }
    return text
  }

  func bool(_ name: String) throws(ProtobufError) -> Bool {
    try expect(.varint, name)
    return varint != 0
  }

  func int64(_ name: String) throws(ProtobufError) -> Int {
    try expect(.varint, name)
    return Int(truncatingIfNeeded: varint)
  }

  func int32(_ name: String) throws(ProtobufError) -> Int {
    let value = try int64(name)
    guard Int32(exactly: value) != nil else {
      throw ProtobufError(field: name, problem: "\(value) does not fit into 32 bits")
    }
    return value
  }

  /// Reads a message that is not a list. If it appears again, its fields are merged into the first one, as protobuf
  /// requires.
  func merge<Message: ProtobufMessage>(into message: inout Message, _ name: String) throws(ProtobufError) {
    try expect(.bytes, name)
    do throws(ProtobufError) {
      try message.read(value)
    } catch {
      throw error.within(name)
    }
  }

  func merge<Message: ProtobufMessage>(into message: inout Message?, _ name: String) throws(ProtobufError) {
    // With a second reference to its lists, each of them would be copied.
    var merged = message.take() ?? Message()
    try merge(into: &merged, name)
    message = merged
  }

  /// Reads one message of a list.
  func append<Message: ProtobufMessage>(to list: inout [Message]?, _ name: String) throws(ProtobufError) {
    let count = try room(in: &list, name)
    var message = Message()
    do throws(ProtobufError) {
      try expect(.bytes, "")
      try message.read(value)
    } catch {
      throw error.within("\(name)[\(count)]")
    }
    list?.append(message)
  }

  func append(to list: inout [String]?, _ name: String) throws(ProtobufError) {
    let count = try room(in: &list, name)
    do throws(ProtobufError) {
      list?.append(try string(""))
    } catch {
      throw error.within("\(name)[\(count)]")
    }
  }

  private func room<Element>(in list: inout [Element]?, _ name: String) throws(ProtobufError) -> Int {
    if list == nil { list = [] }
    let count = list?.count ?? 0
    guard count < ProtobufField.listLimit else {
      throw ProtobufError(field: name, problem: "has more than \(ProtobufField.listLimit) entries")
    }
    return count
  }

  private func expect(_ expected: ProtobufWireType, _ name: String) throws(ProtobufError) {
    guard type != expected else { return }
    throw ProtobufError(field: name, problem: "is \(type.description) and must be \(expected.description)")
  }
}

extension UnsafeRawBufferPointer {
  /// Whether these bytes equal a text.
  func isText(_ text: StaticString) -> Bool {
    count == text.utf8CodeUnitCount
      && elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }
}
