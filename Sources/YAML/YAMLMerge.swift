/// The merge keys of YAML 1.1 (`<<: *defaults`), which people write manifests with.
enum YAMLMerge {
  /// Each level may multiply the work, so a small file could keep the program busy for ever.
  private static let levelLimit = 4
  /// How many pairs a document may merge in, those included that do not count as others go before them.
  static let pairLimit = 1 << 18

  /// The pairs of a mapping with those that it merges in; its own go before those, and earlier ones before later.
  /// - Parameter left: how many pairs may still be merged in.
  static func expand(
    _ mapping: YAMLMapping, left: inout Int, level: Int = 0
  ) throws(YAMLError) -> [YAMLMapping.Pair] {
    guard mapping.pairs.contains(where: \.isMerge) else { return mapping.pairs }
    var own: [YAMLMapping.Pair] = []
    var merged: [YAMLMapping.Pair] = []
    for pair in mapping.pairs {
      if pair.isMerge {
        merged += try sources(pair.value, left: &left, level: level + 1)
      } else {
        own.append(pair)
      }
    }
    var known = Set(own.map(\.key.text))
    for pair in merged where known.insert(pair.key.text).inserted { own.append(pair) }
    return own
  }

  /// What stands behind a merge key: a mapping, or a list of some.
  private static func sources(
    _ node: YAMLNode, left: inout Int, level: Int
  ) throws(YAMLError) -> [YAMLMapping.Pair] {
    guard level <= levelLimit else {
      throw YAMLError(line: node.line, problem: "merges more than \(levelLimit) levels")
    }
    switch node.content {
    case .mapping(let mapping):
      // Also an empty one takes time.
      left -= mapping.pairs.count + 1
      guard left >= 0 else {
        throw YAMLError(line: node.line, problem: "merges more than \(pairLimit) keys")
      }
      return try expand(mapping, left: &left, level: level)
    case .sequence(let sequence):
      var result: [YAMLMapping.Pair] = []
      for element in sequence { result += try sources(element, left: &left, level: level + 1) }
      return result
    case .scalar:
      throw YAMLError(line: node.line, problem: "merges something that is no mapping")
    }
  }
}
