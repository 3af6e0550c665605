import Yams

/// The merge keys of YAML 1.1 (`<<: *defaults`), which people write manifests with.
enum YAMLMerge {
  /// Each level may multiply the work, so a small file could keep the program busy for ever.
  private static let levelLimit = 4
  /// How many pairs a document may merge in, those included that do not count as others go before them.
  static let pairLimit = 1 << 18

  struct Pair {
    var key: String
    var value: Node
  }

  /// The pairs of a mapping with those that it merges in; its own go before those, and earlier ones before later.
  /// - Parameter left: how many pairs may still be merged in.
  static func expand(
    _ mapping: Node.Mapping, left: inout Int, level: Int = 0
  ) throws(YAMLToJSON.Refusal) -> [Pair] {
    var own: [Pair] = []
    var merged: [Pair] = []
    for (key, value) in mapping {
      guard let key = key.scalar else {
        throw YAMLToJSON.Refusal(line: key.mark?.line, problem: "has a key that is not a string")
      }
      if key.string == "<<" && key.style == .plain {
        merged += try sources(value, left: &left, level: level + 1)
      } else {
        own.append(Pair(key: key.string, value: value))
      }
    }
    if merged.isEmpty { return own }
    var known = Set(own.map(\.key))
    for pair in merged where known.insert(pair.key).inserted { own.append(pair) }
    return own
  }

  /// What stands behind a merge key: a mapping, or a list of some.
  private static func sources(_ node: Node, left: inout Int, level: Int) throws(YAMLToJSON.Refusal) -> [Pair] {
    guard level <= levelLimit else {
      throw YAMLToJSON.Refusal(line: node.mark?.line, problem: "merges more than \(levelLimit) levels")
    }
    if let mapping = node.mapping {
      // Also an empty one takes time.
      left -= mapping.count + 1
      guard left >= 0 else {
        throw YAMLToJSON.Refusal(line: node.mark?.line, problem: "merges more than \(pairLimit) keys")
      }
      return try expand(mapping, left: &left, level: level)
    }
    guard let sequence = node.sequence else {
      throw YAMLToJSON.Refusal(line: node.mark?.line, problem: "merges something that is no mapping")
    }
    var result: [Pair] = []
    for element in sequence { result += try sources(element, left: &left, level: level + 1) }
    return result
  }
}
