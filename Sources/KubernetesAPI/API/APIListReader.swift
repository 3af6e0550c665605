/// The metadata of a list (meta/v1 ListMeta).
package struct APIListMetadata: Hashable, Sendable {
  /// The version from which a watch continues.
  package var resourceVersion: String
  /// The token that requests the next page. Empty on the last page.
  package var continueToken: String

  package init(resourceVersion: String, continueToken: String = "") {
    self.resourceVersion = resourceVersion
    self.continueToken = continueToken
  }
}

/// Reads the API server's answer to a list as it arrives, so that the whole list is never in memory.
package struct APIListReader {
  // Exactly one of the two is set.
  private var json: JSONListReader?
  private var protobuf: ProtobufListReader?

  /// - Parameters:
  ///   - kind: the kind of the items, because the items do not state it.
  ///   - source: the request's path, for messages.
  package init(of kind: ResourceKind, format: APIFormat, source: String) {
    switch format {
    case .json: json = JSONListReader(of: kind, source: source)
    case .protobuf: protobuf = ProtobufListReader(of: kind, source: source)
    }
  }

  /// Removes complete parts from the front of `bytes` and passes their items, or an item's failure, to `take`. The
  /// caller must pass the remaining bytes again, followed by more.
  /// - Throws: if the bytes are not a list.
  package mutating func consume(
    _ bytes: inout [UInt8], decoder: inout ObjectDecoder, _ take: (Result<DecodedObject, ObjectFailure>) -> Void
  ) throws(DecodingFailure) {
    try json?.consume(&bytes, decoder: &decoder, take)
    try protobuf?.consume(&bytes, decoder: &decoder, take)
  }

  /// Called at the end of the answer.
  /// - Throws: if the answer ended too early or its metadata is not valid.
  package func finish(decoder: ObjectDecoder) throws(DecodingFailure) -> APIListMetadata {
    if let protobuf { return try protobuf.finish() }
    return try json?.finish(decoder: decoder) ?? APIListMetadata(resourceVersion: "")
  }
}
