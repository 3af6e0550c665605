/// A document of YAML (or JSON, which is YAML too) that remembers the line of every field.
package struct YAMLDocument: Sendable {
  /// A key that stands twice in one mapping.
  package struct DuplicateKey: Sendable, Equatable {
    /// Such as `iptables.masqueradeBit`; a path of more than 1,000 bytes is cut.
    package let path: String
    package let key: String
    /// Where the key stands the second time, counted from 1.
    package let line: Int
  }

  package let root: YAMLNode
  /// The keys that stand twice, in the order of the text, at most 1,000 of them. Their last value is the one that counts:
  /// whether such a document is taken is for the caller to say.
  package let duplicateKeys: [DuplicateKey]

  /// A part of a document, as a document of its own.
  package init(root: YAMLNode, duplicateKeys: [DuplicateKey] = []) {
    self.root = root
    self.duplicateKeys = duplicateKeys
  }

  /// The text of a top-level field, empty if there is none.
  package func text(_ key: String) -> String { root.mapping?[key]?.scalar?.text ?? "" }

  /// Whether there is nothing but comments.
  package var isEmpty: Bool { root.scalar == YAMLText(text: "", isPlain: true) }

  /// The line of a field such as `iptables.masqueradeBit` or `nodePortAddresses[1]`, or of the nearest one around it
  /// that exists.
  package func line(of field: String) -> Int {
    var node = root
    for step in FieldPath.steps(field) {
      let next: YAMLNode? =
        switch step {
        case .key(let key): node.mapping?[key]
        case .index(let index): node.sequence.flatMap { $0.indices.contains(index) ? $0[index] : nil }
        }
      guard let next else { break }
      node = next
    }
    return node.line
  }
}
