import ServiceModel

/// Reads a list in protobuf as it arrives. The envelope contains the list, and the list contains the items. The reader
/// enters both before their end has arrived, so only one item at a time must be complete in memory.
struct ProtobufListReader {
  private enum Place {
    case magic
    case envelope
    /// Inside the list. `left` is the number of bytes that are still to come.
    case list(left: Int)
  }

  /// The number of bytes that one step consumes; nil if more bytes are needed.
  private typealias Step = Int?

  private let kind: ResourceKind
  private let source: String
  private var place = Place.magic
  /// The remaining bytes of a field that is skipped.
  private var skipping = 0
  private var item = 0
  private var envelope = ProtobufEnvelope()
  private var hasList = false
  private var isInPieces = false
  private var metadata = APIListMetadata(resourceVersion: "")

  init(of kind: ResourceKind, source: String) {
    self.kind = kind
    self.source = source
  }

  /// Removes complete fields from the front of `bytes` and passes the items in them to `take`.
  mutating func consume(
    _ bytes: inout [UInt8], decoder: inout ObjectDecoder, _ take: (Result<DecodedObject, ObjectFailure>) -> Void
  ) throws(DecodingFailure) {
    do throws(ProtobufError) {
      let used = try bytes.withRawBytes { (bytes) throws(ProtobufError) in
        var rest = bytes
        while !rest.isEmpty, let size = try step(rest, &decoder, take) {
          rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(size))
        }
        return bytes.count - rest.count
      }
      bytes.removeFirst(used)
      isInPieces = !bytes.isEmpty || skipping > 0
    } catch {
      throw error.failure(ObjectSource(name: source))
    }
  }

  /// Called at the end of the answer.
  /// - Throws: if the answer ended too early or contained no list.
  func finish() throws(DecodingFailure) -> APIListMetadata {
    guard hasList, isAtEnd, !isInPieces else {
      throw DecodingFailure(source: ObjectSource(name: source), problem: "the list ends too early")
    }
    return metadata
  }

  /// The list may be the last field of its envelope.
  private var isAtEnd: Bool {
    switch place {
    case .envelope, .list(left: 0): true
    case .magic, .list: false
    }
  }

  private mutating func step(
    _ bytes: UnsafeRawBufferPointer, _ decoder: inout ObjectDecoder,
    _ take: (Result<DecodedObject, ObjectFailure>) -> Void
  ) throws(ProtobufError) -> Step {
    if skipping > 0 {
      let size = min(skipping, bytes.count)
      skipping -= size
      return size
    }
    switch place {
    case .magic: return try magic(bytes)
    case .envelope: return try envelopeField(bytes)
    case .list(0):
      place = .envelope
      return 0
    case .list(let left):
      let size = try listField(bytes, left, &decoder, take)
      if let size { place = .list(left: left - size - skipping) }
      return size
    }
  }

  private mutating func magic(_ bytes: UnsafeRawBufferPointer) throws(ProtobufError) -> Step {
    let magic = ProtobufEnvelope.magic
    guard magic.starts(with: bytes.prefix(magic.count)) else {
      throw ProtobufError(problem: "does not begin with the four bytes of Kubernetes' protobuf")
    }
    guard bytes.count >= magic.count else { return nil }
    place = .envelope
    return magic.count
  }

  private mutating func envelopeField(_ bytes: UnsafeRawBufferPointer) throws(ProtobufError) -> Step {
    guard let header = try ProtobufHeader.read(bytes, at: 0) else { return nil }
    guard header.number == 2, header.type == .bytes else {
      // The other fields of an envelope contain only a few words.
      try ProtobufListReader.bound(header, "the envelope", limit: 4096)
      guard let field = ProtobufListReader.field(header, bytes) else { return nil }
      try envelope.take(field)
      return header.size + header.length
    }
    guard envelope.type.kind == "\(kind.rawValue)List" else {
      throw ProtobufError(problem: "is \(envelope.type.kind.quoted) and not a \(kind.rawValue)List")
    }
    guard !hasList else { throw ProtobufError(problem: "the envelope contains two lists") }
    hasList = true
    place = .list(left: header.length)
    return header.size
  }

  private mutating func listField(
    _ bytes: UnsafeRawBufferPointer, _ left: Int, _ decoder: inout ObjectDecoder,
    _ take: (Result<DecodedObject, ObjectFailure>) -> Void
  ) throws(ProtobufError) -> Step {
    guard let header = try ProtobufHeader.read(UnsafeRawBufferPointer(rebasing: bytes.prefix(left)), at: 0) else {
      if bytes.count >= left { throw ProtobufError(problem: "the list ends in the middle of a field") }
      return nil
    }
    guard header.length <= left - header.size else {
      throw ProtobufError(problem: "field \(header.number) is longer than the list that it is in")
    }
    guard header.number == 1 || header.number == 2 else {
      skipping = header.length
      return header.size
    }
    try ProtobufListReader.bound(header, "an item", limit: WatchEventReader.objectLimit)
    guard let field = ProtobufListReader.field(header, bytes) else { return nil }
    if header.number == 1 {
      try field.merge(into: &metadata, "metadata")
    } else {
      item += 1
      let object = try field.bytes("items[\(item - 1)]")
      let type = ProtobufEnvelope.TypeMeta(apiVersion: kind.apiVersions[0], kind: kind.rawValue)
      take(decoder.result(protobuf: object, type, source: ObjectSource(name: source, item: item)))
    }
    return header.size + header.length
  }

  private static func bound(_ header: ProtobufHeader, _ what: String, limit: Int) throws(ProtobufError) {
    guard header.length > limit else { return }
    throw ProtobufError(problem: "\(what) claims \(header.length) bytes; at most \(limit) are read")
  }

  /// The field; nil if some of its bytes have not arrived.
  private static func field(_ header: ProtobufHeader, _ bytes: UnsafeRawBufferPointer) -> ProtobufField? {
    let end = header.size + header.length
    guard bytes.count >= end else { return nil }
    return ProtobufField(header, UnsafeRawBufferPointer(rebasing: bytes[header.size..<end]))
  }
}

extension ObjectDecoder {
  fileprivate mutating func result(
    protobuf bytes: UnsafeRawBufferPointer, _ type: ProtobufEnvelope.TypeMeta, source: ObjectSource
  ) -> Result<DecodedObject, ObjectFailure> {
    do throws(ObjectFailure) {
      return .success(try decode(protobuf: bytes, type, source: source))
    } catch {
      return .failure(error)
    }
  }
}
