import Foundation
import Yams

/// The repository's manifests, as a YAML reader sees them.
enum Manifests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "manifests")

  static func text(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }

  static func objects(_ name: String) throws -> [Part] { try objects(yaml: try text(name)) }

  static func objects(yaml: String) throws -> [Part] {
    try Yams.load_all(yaml: yaml).compactMap { $0 as? [String: Any] }.map(Part.init)
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
