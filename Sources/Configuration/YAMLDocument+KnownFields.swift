import YAML

extension YAMLDocument {
  /// How many fields are recorded. The paths of all fields of a document could need far more memory than the document.
  static let fieldLimit = 1000

  /// The line of each field of `known`, by its path.
  func lines(of known: KnownFields) -> [String: Int] {
    var result: [String: Int] = [:]
    YAMLDocument.collectLines(root, known, "", &result)
    return result
  }

  private static func collectLines(
    _ node: YAMLNode, _ known: KnownFields, _ path: String, _ result: inout [String: Int]
  ) {
    guard result.count < fieldLimit else { return }
    result[path] = node.line
    if case .object(let fields) = known {
      for pair in node.mapping?.pairs ?? [] {
        guard result.count < fieldLimit else { return }
        let name = pair.key.text
        guard let known = fields[name] else { continue }
        collectLines(pair.value, known, path.isEmpty ? name : "\(path).\(name)", &result)
      }
    }
    let element: KnownFields = if case .list(let element) = known { element } else { .any }
    for (index, item) in (node.sequence ?? []).enumerated() {
      guard result.count < fieldLimit else { return }
      collectLines(item, element, "\(path)[\(index)]", &result)
    }
  }

  /// An unknown field and its line.
  struct UnknownField: Equatable {
    var path: String
    var line: Int
  }

  /// The fields that are not in `known`, up to the limit.
  func unknownFields(_ known: KnownFields) -> [UnknownField] {
    var result: [UnknownField] = []
    YAMLDocument.collect(root, known, "", &result)
    return result
  }

  private static func collect(_ node: YAMLNode, _ known: KnownFields, _ path: String, _ result: inout [UnknownField]) {
    switch known {
    case .any: break
    case .list(let element):
      for (index, item) in (node.sequence ?? []).enumerated() {
        guard result.count < fieldLimit else { return }
        collect(item, element, "\(path)[\(index)]", &result)
      }
    case .object(let fields):
      for pair in node.mapping?.pairs ?? [] {
        guard result.count < fieldLimit else { return }
        let name = pair.key.text
        let full = path.isEmpty ? name : "\(path).\(name)"
        if let known = fields[name] {
          collect(pair.value, known, full, &result)
        } else {
          result.append(UnknownField(path: full, line: pair.value.line))
        }
      }
    }
  }
}
