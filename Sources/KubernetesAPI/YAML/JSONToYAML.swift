import Yams

/// Writes JSON as YAML in blocks, as people write it.
enum JSONToYAML {
  static func convert(_ json: [UInt8]) throws -> String {
    guard let node = try compose(yaml: String(decoding: json, as: UTF8.self), .basic) else { return "" }
    return try serialize(node: restyled(node))
  }

  private static func restyled(_ node: Node) -> Node {
    switch node {
    case .mapping(let mapping):
      .mapping(
        .init(mapping.map { (restyled($0.key), restyled($0.value)) }, .implicit, mapping.isEmpty ? .flow : .block))
    case .sequence(let sequence):
      .sequence(.init(sequence.map(restyled), .implicit, sequence.isEmpty ? .flow : .block))
    case .scalar(let scalar):
      .scalar(.init(scalar.string, .implicit, needsQuotes(scalar) ? .doubleQuoted : .plain))
    case .alias: node
    }
  }

  /// Whether a string would mean something else, or nothing, without quotes.
  private static func needsQuotes(_ scalar: Node.Scalar) -> Bool {
    guard scalar.style == .doubleQuoted else { return false }
    let text = scalar.string
    guard YAMLScalar(plain: text) == .string, let first = text.utf8.first, let last = text.utf8.last else {
      return true
    }
    let isPlain = text.utf8.allSatisfy { isAlphanumeric($0) || "/.-_:,".utf8.contains($0) }
    return !isPlain || !(isAlphanumeric(first) || first == UInt8(ascii: "/")) || !isAlphanumeric(last)
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
  }
}
