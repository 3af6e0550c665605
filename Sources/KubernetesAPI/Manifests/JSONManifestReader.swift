import YAML

/// Decodes a file of JSON documents and lists while it is read.
struct JSONManifestReader {
  /// An item without a kind, such as those of a ServiceList. The list's kind may come after its items.
  private struct KindlessItem {
    var bytes: [UInt8]
    var source: ObjectSource
  }

  private let name: String
  private var splitter = JSONItemSplitter(allowsSeparators: true)
  /// The bytes of an object that is not complete.
  private var rest: [UInt8] = []
  private var document = 1
  private var item = 0
  private var kindless: [KindlessItem] = []

  init(name: String) { self.name = name }

  /// Returns false after a syntax error, when the rest of the file cannot be read.
  mutating func consume(
    _ bytes: UnsafeRawBufferPointer, into contents: inout ManifestContents, decoder: inout ObjectDecoder
  ) -> Bool {
    var splitter = self.splitter
    var rest: [UInt8] = []
    swap(&rest, &self.rest)
    rest.append(contentsOf: bytes)
    do throws(JSONItemSplitter.SyntaxError) {
      try rest.withRawBytes { (bytes) throws(JSONItemSplitter.SyntaxError) in
        while let piece = try splitter.next(bytes) { take(piece, into: &contents, decoder: &decoder) }
      }
      rest.removeFirst(splitter.takeConsumed())
      (self.splitter, self.rest) = (splitter, rest)
      return true
    } catch {
      fail(error, into: &contents)
      return false
    }
  }

  func finish(into contents: inout ManifestContents) {
    do throws(JSONItemSplitter.SyntaxError) {
      try splitter.finish()
    } catch {
      fail(error, into: &contents)
    }
  }

  private mutating func take(
    _ piece: JSONItemSplitter.Piece, into contents: inout ManifestContents, decoder: inout ObjectDecoder
  ) {
    switch piece {
    case .item(let bytes, let line):
      item += 1
      let json = Array(bytes)
      let source = ObjectSource(name: name, document: document, item: item, line: line)
      let isKindless = decode(json, source: source, line: line, into: &contents, decoder: &decoder)
      if isKindless { kindless.append(KindlessItem(bytes: json, source: source)) }
      return
    case .document(let bytes, let line):
      let json = Array(bytes)
      let source = ObjectSource(name: name, document: document, line: line)
      let isKindless = decode(json, source: source, line: line, into: &contents, decoder: &decoder)
      if isKindless { contents.failKindless(source) }
    case .list(let json, let line):
      let source = ObjectSource(name: name, document: document, line: line)
      endList(json, source: source, into: &contents, decoder: &decoder)
    }
    document += 1
    item = 0
  }

  /// Returns true for an object without a kind, which is neither added nor a failure yet.
  private func decode(
    _ json: [UInt8], source: ObjectSource, line: Int, into contents: inout ManifestContents,
    decoder: inout ObjectDecoder
  ) -> Bool {
    if let repeated = JSONRepeatedKeys(json).first(firstLine: line) {
      contents.fail(YAMLError(repeated).failure(in: source))
      return false
    }
    return contents.decode(json, source: source, lines: JSONLines(json: json, firstLine: line), decoder: &decoder)
  }

  private mutating func endList(
    _ bytes: [UInt8], source: ObjectSource, into contents: inout ManifestContents, decoder: inout ObjectDecoder
  ) {
    let items = kindless
    kindless = []
    if let repeated = JSONRepeatedKeys(bytes).first(firstLine: source.line ?? 1) {
      // The items are decoded while the list arrives, so they are in use before the list is known to be wrong.
      var error = YAMLError(line: source.line, problem: YAMLError(repeated).problem)
      error.problem += "; only its items that have a kind are used"
      contents.fail(error.failure(in: source))
      return
    }
    do throws(ObjectFailure) {
      let list = try decoder.listKind(bytes, source: source)
      for item in items {
        let isKindless = contents.decode(
          item.bytes, impliedKind: list.items, source: item.source,
          lines: JSONLines(json: item.bytes, firstLine: item.source.line ?? 1), decoder: &decoder)
        if isKindless && !list.isTyped { contents.failKindless(item.source) }
      }
    } catch {
      contents.fail(error)
    }
  }

  private func fail(_ error: JSONItemSplitter.SyntaxError, into contents: inout ManifestContents) {
    let source = ObjectSource(name: name, document: document, line: error.line)
    contents.breakOff(.undecodable(DecodingFailure(source: source, problem: error.problem)))
  }
}
