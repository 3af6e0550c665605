/// The merge keys of YAML 1.1 (`<<: *defaults`), which people use in manifests.
enum YAMLMerge {
  /// Each level can multiply the work, so without a limit a small file could keep the program busy forever.
  private static let levelLimit = 4
  /// How many pairs a document may merge in. Pairs that are overridden by an earlier pair also count, and so does each
  /// mapping and each list of mappings, because it takes time even if it is empty.
  static let pairLimit = 1 << 18

  /// The pairs of a mapping, including the merged ones. The mapping's own pairs win over merged pairs, and earlier
  /// merged pairs win over later ones.
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

  /// The value of a merge key: a mapping or a list of mappings.
  private static func sources(
    _ node: YAMLNode, left: inout Int, level: Int
  ) throws(YAMLError) -> [YAMLMapping.Pair] {
    guard level <= levelLimit else {
      throw YAMLError(line: node.line, problem: "merges more than \(levelLimit) levels")
    }
    left -= 1 + (node.mapping?.pairs.count ?? 0)
    guard left >= 0 else { throw YAMLError(line: node.line, problem: "merges more than \(pairLimit) keys") }
    switch node.content {
    case .mapping(let mapping):
      return try expand(mapping, left: &left, level: level)
    case .sequence(let sequence):
      var result: [YAMLMapping.Pair] = []
      for element in sequence { result += try sources(element, left: &left, level: level + 1) }
      return result
    case .scalar:
      throw YAMLError(line: node.line, problem: "merges a value that is not a mapping")
    }
  }
}
