import FoundationEssentials

/// Reads a list in JSON as it arrives.
struct JSONListReader {
  private struct WireList: Decodable {
    struct Metadata: Decodable {
      var resourceVersion: String?
      var `continue`: String?
    }

    var metadata: Metadata
  }

  private let kind: ResourceKind
  private let source: String
  private var splitter = JSONItemSplitter()
  private var item = 0
  private var envelope: [UInt8] = []

  init(of kind: ResourceKind, source: String) {
    self.kind = kind
    self.source = source
  }

  /// Removes complete items from the front of `bytes` and passes them, or an item's failure, to `take`. Items are
  /// decoded without copying.
  /// - Throws: if the bytes are not a list.
  mutating func consume(
    _ bytes: inout [UInt8], decoder: inout ObjectDecoder, _ take: (Result<DecodedObject, ObjectFailure>) -> Void
  ) throws(DecodingFailure) {
    do throws(JSONItemSplitter.SyntaxError) {
      try bytes.withRawBytes { (bytes) throws(JSONItemSplitter.SyntaxError) in
        while let piece = try splitter.next(bytes) {
          switch piece {
          case .item(let json, _):
            item += 1
            let source = ObjectSource(name: source, item: item)
            take(decoder.result(Data(inPlace: json), impliedKind: kind, source: source))
          case .document(let json, _): envelope = Array(json)
          case .list(let json, _): envelope = json
          }
        }
      }
    } catch {
      throw DecodingFailure(source: ObjectSource(name: source, line: error.line), problem: error.problem)
    }
    bytes.removeFirst(splitter.takeConsumed())
  }

  /// Called at the end of the answer.
  /// - Throws: if the answer ended too early or its metadata is not valid.
  func finish(decoder: ObjectDecoder) throws(DecodingFailure) -> APIListMetadata {
    let source = ObjectSource(name: source)
    do throws(JSONItemSplitter.SyntaxError) {
      try splitter.finish()
    } catch {
      throw DecodingFailure(source: source, problem: error.problem)
    }
    do {
      let list = try decoder.decoder.decode(WireList.self, from: Data(envelope))
      return APIListMetadata(
        resourceVersion: list.metadata.resourceVersion ?? "", continueToken: list.metadata.continue ?? "")
    } catch {
      throw JSONDiagnosis(source: source).failure(error)
    }
  }
}

extension ObjectDecoder {
  fileprivate mutating func result(
    _ json: Data, impliedKind: ResourceKind, source: ObjectSource
  ) -> Result<DecodedObject, ObjectFailure> {
    do throws(ObjectFailure) {
      return .success(try decode(json, impliedKind: impliedKind, source: source))
    } catch {
      return .failure(error)
    }
  }
}
