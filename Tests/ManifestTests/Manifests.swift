import Foundation
import YAML

/// The repository's manifests, parsed as YAML.
enum Manifests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "manifests")

  static func text(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }

  static func objects(_ name: String) throws -> [Part] { try objects(yaml: try text(name)) }

  static func objects(yaml: String) throws -> [Part] {
    try values(yaml: yaml).filter { $0 is [String: Any] }.map(Part.init)
  }

  /// All documents of a file, of any kind.
  static func values(yaml: String) throws -> [Any] {
    let documents = YAMLDocuments(yaml)
    var values: [Any] = []
    while let root = try documents.next()?.root { values.append(value(root)) }
    return values
  }

  private static func value(_ node: YAMLNode) -> Any {
    switch node.content {
    case .sequence(let items): items.map(value)
    case .mapping(let mapping):
      Dictionary(uniqueKeysWithValues: mapping.pairs.map { ($0.key.text, value($0.value)) }) as Any
    case .scalar(let scalar):
      switch scalar.meaning {
      case .string: scalar.text
      case .bool(let value): value
      case .number(let text): Int(text) ?? Double(text) ?? text as Any
      case .null: NSNull()
      }
    }
  }
}

/// A value inside an object, found by its path.
struct Part {
  let value: Any

  init(_ value: Any) { self.value = value }

  subscript(_ key: String) -> Part { Part((value as? [String: Any])?[key] ?? [String: Any]()) }
  var list: [Part] { (value as? [Any] ?? []).map(Part.init) }
  var string: String? { value as? String }
  var strings: [String] { value as? [String] ?? [] }
  var bool: Bool? { value as? Bool }
  var map: [String: String] { value as? [String: String] ?? [:] }
  var kind: String { "\(self["apiVersion"].string ?? "?")/\(self["kind"].string ?? "?")" }
}

extension Part {
  /// The value with one more element in the list at a path, as JSON Patch's `add` with a path that ends in `-` does it;
  /// nil if there is no list at the path.
  func appending(_ element: Any, at path: ArraySlice<String>) -> Any? {
    guard let step = path.first else { return (value as? [Any]).map { $0 + [element] } }
    if var members = value as? [String: Any] {
      guard let member = members[step], let changed = Part(member).appending(element, at: path.dropFirst()) else {
        return nil
      }
      members[step] = changed
      return members
    }
    guard var elements = value as? [Any], let index = Int(step), elements.indices.contains(index),
      let changed = Part(elements[index]).appending(element, at: path.dropFirst())
    else { return nil }
    elements[index] = changed
    return elements
  }
}
