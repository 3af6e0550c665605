/// A sequence or a mapping whose end event has not come yet.
struct OpenCollection {
  enum Kind { case sequence, mapping }
  enum KeyUse { case first, repeated }

  /// Below this number of pairs a linear search for a key is faster than building an index.
  private static let indexedSize = 8

  let kind: Kind
  let line: Int
  let anchor: String?
  /// Nesting depth of this collection, counting itself.
  private(set) var levels = 1
  private var items: [YAMLNode] = []
  private var mapping = YAMLMapping()
  /// The key whose value comes next, and the pair that the value replaces.
  private var key: YAMLText?
  private var replaced: Int?
  /// Index of the pairs by key. It is built once there are many pairs.
  private var index: [String: Int] = [:]

  init(kind: Kind, line: Int, anchor: String?) {
    self.kind = kind
    self.line = line
    self.anchor = anchor
  }

  /// Whether the next node is a key.
  var isAtKey: Bool { kind == .mapping && key == nil }

  var node: YAMLNode {
    YAMLNode(line: line, content: kind == .sequence ? .sequence(items) : .mapping(mapping))
  }

  /// Takes a key.
  mutating func begin(_ key: YAMLText, line: Int) -> KeyUse {
    self.key = key
    replaced = place(of: key)
    guard replaced != nil else { return .first }
    if mapping.firstRepeatedKey == nil { mapping.firstRepeatedKey = RepeatedKey(key: key.text, line: line) }
    return .repeated
  }

  /// Takes an item, or the value of the key before it.
  mutating func add(_ node: YAMLNode, levels: Int) {
    self.levels = max(self.levels, levels + 1)
    guard let key else {
      items.append(node)
      return
    }
    self.key = nil
    if let replaced {
      mapping.pairs[replaced].value = node
    } else {
      let pair = YAMLMapping.Pair(key: key, value: node)
      mapping.pairs.append(pair)
      if !index.isEmpty && !pair.isMerge { index[key.text] = mapping.pairs.count - 1 }
    }
  }

  /// The step of a field path that leads to the next item or value; nil if it is longer than `limit` bytes.
  func step(isFirst: Bool, atMost limit: Int) -> String? {
    guard let key else { return limit < 20 ? nil : "[\(items.count)]" }
    guard key.text.utf8.count < limit else { return nil }
    return isFirst ? key.text : ".\(key.text)"
  }

  /// The pair that already has this key. Merge keys (`<<`) may appear several times.
  private mutating func place(of key: YAMLText) -> Int? {
    if key.isPlain && key.text == "<<" { return nil }
    if mapping.pairs.count < OpenCollection.indexedSize {
      return mapping.pairs.firstIndex { $0.key.text == key.text && !$0.isMerge }
    }
    if index.isEmpty {
      for (number, pair) in mapping.pairs.enumerated() where !pair.isMerge { index[pair.key.text] = number }
    }
    return index[key.text]
  }
}
