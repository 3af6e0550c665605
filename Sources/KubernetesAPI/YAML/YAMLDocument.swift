import Yams

/// A document of YAML (or JSON, which is YAML too) that remembers the line of every field.
struct YAMLDocument {
  let root: Node

  /// The text of a top-level field, empty if there is none.
  func text(_ key: String) -> String { root.mapping?[key]?.scalar?.string ?? "" }

  /// Whether there is nothing but comments.
  var isEmpty: Bool { root.scalar?.string.isEmpty == true }

  /// How many fields are remembered or named. Paths of all that a document can hold would take far more room than it.
  static let fieldLimit = 1000

  /// The line of each field of `known` by its path.
  func lines(of known: KnownFields) -> [String: Int] {
    var result: [String: Int] = [:]
    YAMLDocument.collectLines(root, known, "", &result)
    return result
  }

  private static func collectLines(
    _ node: Node, _ known: KnownFields, _ path: String, _ result: inout [String: Int]
  ) {
    guard result.count < fieldLimit else { return }
    result[path] = node.mark?.line
    if case .object(let fields) = known {
      for (key, value) in node.mapping ?? [:] {
        guard let name = key.scalar?.string, let known = fields[name] else { continue }
        collectLines(value, known, path.isEmpty ? name : "\(path).\(name)", &result)
      }
    }
    let element: KnownFields = if case .list(let element) = known { element } else { .any }
    for (index, item) in (node.sequence ?? []).prefix(fieldLimit).enumerated() {
      collectLines(item, element, "\(path)[\(index)]", &result)
    }
  }

  /// The line of a field such as `iptables.masqueradeBit` or `nodePortAddresses[1]`, or of the nearest one around it
  /// that exists.
  func line(of field: String) -> Int? {
    var node = root
    for step in FieldPath.steps(field) {
      let next: Node? =
        switch step {
        case .key(let key): node.mapping?[key]
        case .index(let index): node.sequence.flatMap { $0.indices.contains(index) ? $0[index] : nil }
        }
      guard let next else { break }
      node = next
    }
    return node.mark?.line
  }

  /// A field that is not known, and where it stands.
  struct UnknownField: Equatable {
    var path: String
    var line: Int?
  }

  /// The fields that `known` does not have, the first of them.
  func unknownFields(_ known: KnownFields) -> [UnknownField] {
    var result: [UnknownField] = []
    YAMLDocument.collect(root, known, "", &result)
    return result
  }

  private static func collect(_ node: Node, _ known: KnownFields, _ path: String, _ result: inout [UnknownField]) {
    switch known {
    case .any: break
    case .list(let element):
      for (index, item) in (node.sequence ?? []).enumerated() {
        collect(item, element, "\(path)[\(index)]", &result)
      }
    case .object(let fields):
      for (key, value) in node.mapping ?? [:] where result.count < fieldLimit {
        let name = key.scalar?.string ?? ""
        let full = path.isEmpty ? name : "\(path).\(name)"
        if let known = fields[name] {
          collect(value, known, full, &result)
        } else {
          result.append(UnknownField(path: full, line: value.mark?.line))
        }
      }
    }
  }
}

/// Paths of fields as messages have them.
enum FieldPath {
  enum Step: Equatable {
    case key(String)
    case index(Int)
  }

  /// `a.b[1].c` in steps; what stands in brackets and is no number is a key (`metadata.labels[a.b/c]`).
  static func steps(_ path: String) -> [Step] {
    var result: [Step] = []
    var rest = path[...]
    while let first = rest.first {
      if first == "[" {
        let inside = rest.dropFirst().prefix { $0 != "]" }
        result.append(Int(inside).map(Step.index) ?? .key(String(inside)))
        rest = rest.dropFirst(inside.count + 2)
      } else if first == "." {
        rest = rest.dropFirst()
      } else {
        let key = rest.prefix { $0 != "." && $0 != "[" }
        result.append(.key(String(key)))
        rest = rest.dropFirst(key.count)
      }
    }
    return result
  }
}
