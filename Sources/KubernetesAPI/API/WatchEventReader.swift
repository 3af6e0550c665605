/// One event of a watch (meta/v1 WatchEvent).
package enum WatchEvent: Hashable, Sendable {
  package enum Change: String, Hashable, Sendable {
    case added = "ADDED"
    case modified = "MODIFIED"
    case deleted = "DELETED"
  }

  case change(Change, DecodedObject)
  /// An object that is not valid, and its resource version.
  case rejected(Change, ObjectFailure, resourceVersion: String)
  /// Nothing else changed up to that version. `endsInitialEvents` is set on the bookmark that completes a streamed list
  /// (KEP-3157).
  case bookmark(resourceVersion: String, endsInitialEvents: Bool)
  case error(APIStatus)
}

/// Reads the stream of a watch as it arrives.
package struct WatchEventReader {
  /// The maximum size of one object in bytes: ten times the limit of etcd (1.5 MiB).
  static let objectLimit = 16 << 20

  // Exactly one of the two is set.
  private var json: JSONWatchReader?
  private var protobuf: ProtobufWatchReader?

  /// - Parameter source: the request's path, for messages.
  package init(format: APIFormat, source: String) {
    switch format {
    case .json: json = JSONWatchReader(source: source)
    case .protobuf: protobuf = ProtobufWatchReader(source: source)
    }
  }

  /// Removes complete events from the front of `bytes` and passes them to `take`. The caller must pass the remaining
  /// bytes again, followed by more.
  /// - Throws: if the bytes are not a stream of events. The watch must then be started again.
  package mutating func consume(
    _ bytes: inout [UInt8], decoder: inout ObjectDecoder, _ take: (WatchEvent) -> Void
  ) throws(DecodingFailure) {
    try json?.consume(&bytes, decoder: &decoder, take)
    try protobuf?.consume(&bytes, decoder: &decoder, take)
  }

  /// Whether the stream stops between two events, which it does when the server ends it normally.
  package var isBetweenEvents: Bool {
    (json?.isBetweenEvents ?? true) && (protobuf?.isBetweenEvents ?? true)
  }
}
