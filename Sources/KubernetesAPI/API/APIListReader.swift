/// What a list says besides its items (meta/v1 ListMeta).
public struct APIListMetadata: Hashable, Sendable {
  /// Where a watch goes on.
  public var resourceVersion: String
  /// What asks for the next page; empty on the last.
  public var continueToken: String
  /// Objects on the pages that follow, where the server knows.
  public var remainingItemCount: Int?

  public init(resourceVersion: String, continueToken: String = "", remainingItemCount: Int? = nil) {
    self.resourceVersion = resourceVersion
    self.continueToken = continueToken
    self.remainingItemCount = remainingItemCount
  }
}

/// Reads the API server's answer to a list as it comes in, so that it is never in memory as a whole.
public struct APIListReader {
  // One of the two is there.
  private var json: JSONListReader?
  private var protobuf: ProtobufListReader?

  /// - Parameters:
  ///   - kind: of the items, which do not state it.
  ///   - source: the request's path, for messages.
  public init(of kind: ResourceKind, format: APIFormat, source: String) {
    switch format {
    case .json: json = JSONListReader(of: kind, source: source)
    case .protobuf: protobuf = ProtobufListReader(of: kind, source: source)
    }
  }

  /// Takes what it can use off the front of the answer's bytes and hands over the items in them, or what is wrong with
  /// one. What it leaves has to come again, followed by more.
  /// - Throws: what comes is no list.
  public mutating func consume(
    _ bytes: inout [UInt8], decoder: inout ObjectDecoder, _ take: (Result<DecodedObject, ObjectFailure>) -> Void
  ) throws(DecodingFailure) {
    try json?.consume(&bytes, decoder: &decoder, take)
    try protobuf?.consume(&bytes, decoder: &decoder, take)
  }

  /// Says that the answer is complete.
  /// - Throws: it ended too early, or its metadata is none.
  public func finish(decoder: ObjectDecoder) throws(DecodingFailure) -> APIListMetadata {
    if let protobuf { return try protobuf.finish() }
    return try json?.finish(decoder: decoder) ?? APIListMetadata(resourceVersion: "")
  }
}
