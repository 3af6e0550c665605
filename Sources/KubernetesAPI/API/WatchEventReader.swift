import FoundationEssentials

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
  private let source: String
  private var splitter = JSONItemSplitter()

  /// - Parameter source: the request's path, for messages.
  public init(source: String) { self.source = source }

  /// Takes the next bytes and hands over the events they complete.
  /// - Throws: what comes is no stream of events; the watch has to begin anew.
  public mutating func consume(
    _ bytes: UnsafeRawBufferPointer, decoder: inout ObjectDecoder, _ take: (WatchEvent) -> Void
  ) throws(DecodingFailure) {
    var pieces: [JSONItemSplitter.Piece] = []
    do throws(JSONItemSplitter.SyntaxError) {
      try splitter.consume(bytes) { pieces.append($0) }
    } catch {
      throw DecodingFailure(source: ObjectSource(name: source), problem: error.problem)
    }
    for case .document(let json, _, _) in pieces {
      take(try decoder.event(json, source: ObjectSource(name: source)))
    }
  }

  /// Whether the stream stops between two events, as it does when the server ends it in good order.
  public var isBetweenEvents: Bool {
    do throws(JSONItemSplitter.SyntaxError) {
      try splitter.finish()
      return true
    } catch {
      return false
    }
  }
}

extension ObjectDecoder {
  /// Decodes one event.
  /// - Throws: it is none. (One with an object that cannot be read is `rejected`.)
  public mutating func event(_ json: some Sequence<UInt8>, source: ObjectSource) throws(DecodingFailure) -> WatchEvent {
    decoder.userInfo = [:]
    let wire: WireWatchEvent
    do {
      wire = try decoder.decode(WireWatchEvent.self, from: Data(json))
    } catch {
      throw JSONDiagnosis(source: source).failure(error)
    }
    switch wire.content {
    case .bookmark(let metadata):
      return .bookmark(
        resourceVersion: metadata.resourceVersion ?? "",
        endsInitialEvents: metadata.annotations?.initialEventsEnd == "true")
    case .error(let status): return .error(status)
    case .undecodable(let change, let failed):
      let diagnosis = JSONDiagnosis(source: source, object: failed.identity?.reference(nil), depth: 1)
      return .rejected(
        change, .undecodable(diagnosis.failure(failed.error)), resourceVersion: failed.resourceVersion)
    case .object(let change, let object):
      do throws(ObjectFailure) {
        return .change(change, try convert(object, source: source))
      } catch {
        return .rejected(change, error, resourceVersion: object.metadata.resourceVersion ?? "")
      }
    }
  }
}
