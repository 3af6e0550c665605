/// One event of a watch (meta/v1 WatchEvent).
public enum WatchEvent: Hashable, Sendable {
  public enum Change: String, Hashable, Sendable {
    case added = "ADDED"
    case modified = "MODIFIED"
    case deleted = "DELETED"
  }

  case change(Change, DecodedObject)
  /// An object that could not be read, and the version that the watch has come to.
  case rejected(Change, ObjectFailure, resourceVersion: String)
  /// Nothing changed up to that version; `endsInitialEvents` on the one that completes a streamed list (KEP-3157).
  case bookmark(resourceVersion: String, endsInitialEvents: Bool)
  case error(APIStatus)
}

/// Reads the stream of a watch as it comes in.
public struct WatchEventReader {
  /// Bytes that one object may have: ten times what etcd lets any have (1.5 MiB).
  static let objectLimit = 16 << 20

  // One of the two is there.
  private var json: JSONWatchReader?
  private var protobuf: ProtobufWatchReader?

  /// - Parameter source: the request's path, for messages.
  public init(format: APIFormat, source: String) {
    switch format {
    case .json: json = JSONWatchReader(source: source)
    case .protobuf: protobuf = ProtobufWatchReader(source: source)
    }
  }

  /// Takes what it can use off the front of the stream's bytes and hands over the events in them. What it leaves has to
  /// come again, followed by more.
  /// - Throws: what comes is no stream of events; the watch has to begin anew.
  public mutating func consume(
    _ bytes: inout [UInt8], decoder: inout ObjectDecoder, _ take: (WatchEvent) -> Void
  ) throws(DecodingFailure) {
    try json?.consume(&bytes, decoder: &decoder, take)
    try protobuf?.consume(&bytes, decoder: &decoder, take)
  }

  /// Whether the stream stops between two events, as it does when the server ends it in good order.
  public var isBetweenEvents: Bool {
    (json?.isBetweenEvents ?? true) && (protobuf?.isBetweenEvents ?? true)
  }
}
