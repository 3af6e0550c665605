/// Builds the nodes of one document from its events.
///
/// An alias shares the node that it refers to, so it takes almost no memory. The nesting limit also counts the levels
/// inside an aliased node, so that code which walks over nodes recursively does not run out of stack.
struct YAMLComposer {
  private static let levelLimit = 128
  private static let duplicateLimit = 1000
  /// How many bytes of the path of a repeated key are kept.
  static let pathLimit = 1000

  /// A node and its nesting depth in collections, counting itself.
  private struct Sized {
    let node: YAMLNode
    let levels: Int
  }

  private var open: [OpenCollection] = []
  /// The number of open collections, including collections that are skipped after an error.
  private var depth = 0
  private var anchors: [String: Sized] = [:]
  private var root: YAMLNode?
  private var duplicateKeys: [YAMLDocument.DuplicateKey] = []
  /// The first error. The events after it are skipped up to the end of the document.
  private var problem: YAMLError?

  /// Takes any event between the start and the end of a document.
  ///
  /// - Throws: if the document is nested too deep. The time that libyaml needs for the rest of the text grows with the
  ///   square of the depth, so the rest is not read.
  mutating func take(_ event: YAMLEvent) throws(YAMLError) {
    switch event.kind {
    case .sequenceStart, .mappingStart:
      guard depth < YAMLComposer.levelLimit else { throw problem ?? YAMLComposer.tooDeep(event.line) }
      depth += 1
    case .collectionEnd: depth -= 1
    default: break
    }
    if problem == nil { compose(event) }
  }

  private mutating func compose(_ event: YAMLEvent) {
    switch event.kind {
    case .scalar(let text):
      let node = YAMLNode(line: event.line, content: .scalar(text))
      add(Sized(node: node, levels: 0), anchor: event.anchor, line: event.line)
    case .alias: addAlias(event)
    case .sequenceStart: begin(.sequence, event)
    case .mappingStart: begin(.mapping, event)
    case .collectionEnd:
      guard let closed = open.popLast() else { return }
      add(Sized(node: closed.node, levels: closed.levels), anchor: closed.anchor, line: closed.line)
    case .documentStart, .documentEnd, .streamStart, .streamEnd: break
    }
  }

  func finish() throws(YAMLError) -> YAMLDocument? {
    if let problem { throw problem }
    return root.map { YAMLDocument(root: $0, duplicateKeys: duplicateKeys) }
  }

  private mutating func begin(_ kind: OpenCollection.Kind, _ event: YAMLEvent) {
    guard open.last?.isAtKey != true else { return fail(event.line, "has a key that is not a string") }
    open.append(OpenCollection(kind: kind, line: event.line, anchor: event.anchor))
  }

  private mutating func addAlias(_ event: YAMLEvent) {
    guard let target = anchors[event.anchor ?? ""] else {
      return fail(event.line, "has an alias without an anchor")
    }
    guard open.count + target.levels <= YAMLComposer.levelLimit else {
      problem = YAMLComposer.tooDeep(event.line)
      return
    }
    add(target, anchor: nil, line: event.line)
  }

  /// - Parameter line: the line of the node itself, or of the alias that refers to it.
  private mutating func add(_ sized: Sized, anchor: String?, line: Int) {
    if let anchor { anchors[anchor] = sized }
    guard !open.isEmpty else {
      root = sized.node
      return
    }
    guard open[open.count - 1].isAtKey else {
      open[open.count - 1].add(sized.node, levels: sized.levels)
      return
    }
    guard let key = sized.node.scalar else { return fail(line, "has a key that is not a string") }
    if open[open.count - 1].begin(key, line: line) == .repeated { noteDuplicate(key.text, line) }
  }

  private mutating func noteDuplicate(_ key: String, _ line: Int) {
    guard duplicateKeys.count < YAMLComposer.duplicateLimit else { return }
    var path = ""
    for collection in open {
      let left = YAMLComposer.pathLimit - path.utf8.count
      guard let step = collection.step(isFirst: path.isEmpty, atMost: left) else { break }
      path += step
    }
    duplicateKeys.append(.init(path: path, key: key, line: line))
  }

  private static func tooDeep(_ line: Int) -> YAMLError {
    YAMLError(line: line, problem: "is nested more than \(levelLimit) levels deep")
  }

  private mutating func fail(_ line: Int, _ text: String) { problem = YAMLError(line: line, problem: text) }
}
