/// A value of a YAML document. An alias shares the node that it refers to.
package struct YAMLNode: Sendable {
  package enum Content: Sendable {
    case scalar(YAMLText)
    case sequence([YAMLNode])
    case mapping(YAMLMapping)
  }

  /// The first line of the value, counted from 1. For an alias it is the line of the anchor.
  package let line: Int
  package let content: Content

  package var scalar: YAMLText? { if case .scalar(let text) = content { text } else { nil } }
  package var sequence: [YAMLNode]? { if case .sequence(let items) = content { items } else { nil } }
  package var mapping: YAMLMapping? { if case .mapping(let mapping) = content { mapping } else { nil } }

  /// The text of a scalar that is a string.
  package var string: String? { scalar.flatMap { $0.meaning == .string ? $0.text : nil } }

  /// The value of a mapping's key.
  package subscript(_ key: String) -> YAMLNode? { mapping?[key] }
}

/// A scalar as it is written.
package struct YAMLText: Sendable, Equatable {
  package let text: String
  /// Whether the text decides the meaning of the scalar. A scalar in quotes or with the tag `!!str` is always a string.
  package let isPlain: Bool

  /// What the scalar means in JSON.
  package var meaning: YAMLScalar { isPlain ? YAMLScalar(plain: text) : .string }
}

/// The pairs of a mapping, in the order of the text.
package struct YAMLMapping: Sendable {
  package struct Pair: Sendable {
    package let key: YAMLText
    package internal(set) var value: YAMLNode

    /// Whether the pair is a merge key, which adds the pairs of other mappings (`<<: *defaults`).
    var isMerge: Bool { key.isPlain && key.text == "<<" }
  }

  /// If a key appears more than once, the pair stays in the place of the first and has the value of the last.
  package internal(set) var pairs: [Pair] = []
  /// The first key that appears a second time in the mapping.
  package internal(set) var firstRepeatedKey: RepeatedKey?

  package subscript(_ key: String) -> YAMLNode? { pairs.first { $0.key.text == key }?.value }
}

/// A key that appears a second time in its mapping.
package struct RepeatedKey: Sendable, Equatable {
  package let key: String
  /// The line where the key appears the second time, counted from 1.
  package let line: Int

  package init(key: String, line: Int) {
    self.key = key
    self.line = line
  }
}
