import FoundationEssentials

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
  private struct WireList: Decodable {
    struct Metadata: Decodable {
      var resourceVersion: String?
      var `continue`: String?
      var remainingItemCount: Int?
    }

    var metadata: Metadata
  }

  private let kind: ResourceKind
  private let source: String
  private var splitter = JSONItemSplitter()
  private var item = 0
  private var envelope: [UInt8] = []

  /// - Parameters:
  ///   - kind: of the items, which do not state it.
  ///   - source: the request's path, for messages.
  public init(of kind: ResourceKind, source: String) {
    self.kind = kind
    self.source = source
  }

  /// Takes the next bytes of the answer and hands over the items they complete, or what is wrong with one.
  /// - Throws: what comes is no list.
  public mutating func consume(
    _ bytes: UnsafeRawBufferPointer, decoder: inout ObjectDecoder,
    _ take: (Result<DecodedObject, ObjectFailure>) -> Void
  ) throws(DecodingFailure) {
    var pieces: [JSONItemSplitter.Piece] = []
    do throws(JSONItemSplitter.SyntaxError) {
      try splitter.consume(bytes) { pieces.append($0) }
    } catch {
      throw DecodingFailure(source: ObjectSource(name: source, line: error.line), problem: error.problem)
    }
    for piece in pieces {
      switch piece {
      case .item(let json, _):
        item += 1
        let source = ObjectSource(name: source, item: item)
        take(decoder.result(json, impliedKind: kind, source: source))
      case .document(let json, _, _): envelope = json
      }
    }
  }

  /// Says that the answer is complete.
  /// - Throws: it ended too early, or its metadata is none.
  public func finish(decoder: ObjectDecoder) throws(DecodingFailure) -> APIListMetadata {
    let source = ObjectSource(name: source)
    do throws(JSONItemSplitter.SyntaxError) {
      try splitter.finish()
    } catch {
      throw DecodingFailure(source: source, problem: error.problem)
    }
    do {
      let list = try decoder.decoder.decode(WireList.self, from: Data(envelope))
      return APIListMetadata(
        resourceVersion: list.metadata.resourceVersion ?? "", continueToken: list.metadata.continue ?? "",
        remainingItemCount: list.metadata.remainingItemCount)
    } catch {
      throw JSONDiagnosis(source: source).failure(error)
    }
  }
}

extension ObjectDecoder {
  fileprivate mutating func result(
    _ json: [UInt8], impliedKind: ResourceKind, source: ObjectSource
  ) -> Result<DecodedObject, ObjectFailure> {
    do throws(ObjectFailure) {
      return .success(try decode(json, impliedKind: impliedKind, source: source))
    } catch {
      return .failure(error)
    }
  }
}
