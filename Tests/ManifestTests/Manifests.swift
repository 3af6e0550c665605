import Foundation
import YAML

/// The repository's manifests, as a YAML reader sees them.
enum Manifests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "manifests")

  static func text(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }

  static func objects(_ name: String) throws -> [Part] { try objects(yaml: try text(name)) }

  static func objects(yaml: String) throws -> [Part] {
    let documents = YAMLDocuments(yaml)
    var objects: [Part] = []
    while let root = try documents.next()?.root {
      if root.mapping != nil { objects.append(Part(value(root))) }
    }
    return objects
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
