import FoundationEssentials

/// Reads the stream of a watch in JSON. Each event is one document.
struct JSONWatchReader {
  private let source: String
  private var splitter = JSONItemSplitter()

  init(source: String) { self.source = source }

  /// Removes complete events from the front of `bytes` and passes them to `take`. Events are decoded without copying.
  /// - Throws: if the bytes are not a stream of events. The watch must then be started again.
  mutating func consume(
    _ bytes: inout [UInt8], decoder: inout ObjectDecoder, _ take: (WatchEvent) -> Void
  ) throws(DecodingFailure) {
    try bytes.withRawBytes { (bytes) throws(DecodingFailure) in
      while let json = try nextEvent(bytes) {
        take(try decoder.event(json, source: ObjectSource(name: source)))
      }
    }
    bytes.removeFirst(splitter.takeConsumed())
  }

  private mutating func nextEvent(_ bytes: UnsafeRawBufferPointer) throws(DecodingFailure) -> Data? {
    do throws(JSONItemSplitter.SyntaxError) {
      while let piece = try splitter.next(bytes) {
        switch piece {
        case .document(let json, _): return Data(inPlace: json)
        // An event has no items. The decoder reports what is missing.
        case .list(let json, _): return Data(json)
        case .item: break
        }
      }
      return nil
    } catch {
      throw DecodingFailure(source: ObjectSource(name: source), problem: error.problem)
    }
  }

  /// Whether the stream stops between two events, which it does when the server ends it normally.
  var isBetweenEvents: Bool {
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
  /// - Throws: if it is not a valid event, or if its object is not valid and has no readable name. (An object that is
  ///   not valid but has a name is `rejected`.)
  package mutating func event(_ json: some Sequence<UInt8>, source: ObjectSource) throws(DecodingFailure) -> WatchEvent
  {
    try event(Data(json), source: source)
  }

  mutating func event(_ data: Data, source: ObjectSource) throws(DecodingFailure) -> WatchEvent {
    decoder.userInfo = [:]
    var mender = JSONMender(depth: 1)
    var wire: WireWatchEvent
    do {
      wire = try decoder.decode(WireWatchEvent.self, from: data)
      if case .undecodable = wire.content { wire = decoder.mended(data, &mender) ?? wire }
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
      guard let identity = failed.identity, !identity.metadata.name.isEmpty else {
        throw JSONDiagnosis(source: source).failure(failed.error)
      }
      let diagnosis = JSONDiagnosis(source: source, object: identity.reference(nil), depth: 1)
      return .rejected(
        change, .undecodable(diagnosis.failure(failed.error)), resourceVersion: failed.resourceVersion)
    case .object(let change, let object):
      do throws(ObjectFailure) {
        return .change(change, try convert(object, mistyped: mender.values, source: source))
      } catch {
        if let (field, problem) = error.withoutName {
          throw DecodingFailure(source: source, field: "object.\(field)", problem: problem)
        }
        return .rejected(change, error, resourceVersion: object.metadata.resourceVersion ?? "")
      }
    }
  }
}
