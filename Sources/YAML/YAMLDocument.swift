/// A document of YAML (or JSON, which is also YAML) that remembers the line of every field.
package struct YAMLDocument: Sendable {
  /// A key that appears twice in one mapping.
  package struct DuplicateKey: Sendable, Equatable {
    /// For example `iptables.masqueradeBit`. A path of more than 1,000 bytes is cut.
    package let path: String
    package let key: String
    /// The line where the key appears the second time, counted from 1.
    package let line: Int
  }

  package let root: YAMLNode
  /// The keys that appear twice, in the order of the text, at most 1,000. The last value counts. The caller decides
  /// whether it accepts the document.
  package let duplicateKeys: [DuplicateKey]

  /// Makes a document of its own from a part of another document.
  package init(root: YAMLNode, duplicateKeys: [DuplicateKey] = []) {
    self.root = root
    self.duplicateKeys = duplicateKeys
  }

  /// The text of a top-level field; empty if the field is missing.
  package func text(_ key: String) -> String { root.mapping?[key]?.scalar?.text ?? "" }

  /// Whether the document contains nothing but comments.
  package var isEmpty: Bool { root.scalar == YAMLText(text: "", isPlain: true) }

  /// The line of a field such as `iptables.masqueradeBit` or `nodePortAddresses[1]`. If the field is missing, the line
  /// of the nearest enclosing field that exists.
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
