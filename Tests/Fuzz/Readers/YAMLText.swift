import FoundationEssentials
import YAML

/// YAML texts, and their conversion to JSON and back.
extension FuzzReader {
  package static let yaml = FuzzReader("yaml", words: yamlWords) { (bytes) throws(Finding) in
    guard let text = String(validating: bytes, as: UTF8.self) else { return }
    let documents = YAMLDocuments(text)
    // After most errors, the next document can be read.
    for _ in 0...bytes.count {
      switch Result(catching: { () throws(YAMLError) in try documents.next() }) {
      case .success(nil): return
      case .success(let document?): try convert(document)
      case .failure(let error):
        try require(error.line != nil, "an error has no line: \(error.problem)")
        try checkMessage(error.problem)
      }
    }
    throw Finding("there are more documents than bytes")
  }

  private static func convert(_ document: YAMLDocument) throws(Finding) {
    for key in document.duplicateKeys { _ = document.line(of: "\(key.path).\(key.key)") }
    guard let json = json(document, .lastWins) else { return }
    if document.duplicateKeys.isEmpty {
      try require(json == self.json(document, .refused), "JSON depends on what to do with keys that do not repeat")
    }
    // Aliases can make 16 MiB of a short text, which is as much as is converted. To check that takes too long.
    guard json.count < 1 << 20 else { return }
    do {
      _ = try JSONDecoder().decode(AnyJSON.self, from: Data(json))
    } catch {
      throw Finding("YAML becomes wrong JSON: \(String(decoding: json.prefix(300), as: UTF8.self)): \(error)")
    }
    try writeAndRead(json)
  }

  private static func writeAndRead(_ json: [UInt8]) throws(Finding) {
    // libyaml refuses some characters that JSON allows, and long keys.
    guard let yaml = try? JSONToYAML.convert(json) else { return }
    let again = try? YAMLDocuments(yaml).next()
    try require(
      again.flatMap { self.json($0, .refused) } == json,
      "JSON changes when it is written as YAML: \(String(decoding: json.prefix(300), as: UTF8.self)) becomes \(yaml.prefix(300))"
    )
  }

  /// nil if the document cannot be JSON.
  private static func json(_ document: YAMLDocument, _ keys: YAMLToJSON.DuplicateKeys) -> [UInt8]? {
    try? YAMLToJSON.convert(document.root, duplicateKeys: keys)
  }

  private static let yamlWords = [
    "\n---\n", "\n...\n", "%YAML 1.1\n", "%TAG ! tag:a,2026:\n", "&a ", "*a", "<<: *a", "<<: [*a, *b]", "? ", ": ",
    "- ",
    "!!str ", "!!int ", "!!float ", "!!null ", "!!bool ", "!!binary ", "! ", "|\n", ">-\n", "|2+\n", "[", "]", "{", "}",
    "\"\\x41\"", "\"\\u00e9\"", "\"\\U0001F600\"", "''", "~", "null", "yes", "off", "0x1F", "0o17", "017", "0b1",
    "1_000",
    "1e5", ".inf", ".nan", "-0", "1:30", "2026-01-01", "\u{feff}", "\r\n", "\t", "#",
  ]
}

/// Any JSON value.
private enum AnyJSON: Decodable {
  case leaf
  case list([AnyJSON])
  case object([String: AnyJSON])

  init(from decoder: any Decoder) throws {
    if let container = try? decoder.container(keyedBy: AnyKey.self) {
      var members: [String: AnyJSON] = [:]
      for key in container.allKeys { members[key.stringValue] = try container.decode(AnyJSON.self, forKey: key) }
      self = .object(members)
    } else if var container = try? decoder.unkeyedContainer() {
      var elements: [AnyJSON] = []
      while !container.isAtEnd { elements.append(try container.decode(AnyJSON.self)) }
      self = .list(elements)
    } else {
      self = .leaf
    }
  }

  private struct AnyKey: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}
