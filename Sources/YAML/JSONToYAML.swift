/// Writes JSON as YAML in block style, as people write it.
package enum JSONToYAML {
  package static func convert(_ json: [UInt8]) throws(YAMLError) -> String {
    guard let document = try YAMLDocuments(withoutBreaks(String(decoding: json, as: UTF8.self))).next() else {
      return ""
    }
    return try YAMLEmitter().write(document.root)
  }

  /// U+0085, U+2028 and U+2029 are characters of a JSON string. libyaml reads them as the end of a line (YAML 1.1),
  /// which becomes a space. So they are written as `\u0085`, `\u2028` and `\u2029`.
  private static func withoutBreaks(_ json: String) -> String {
    var result = ""
    for scalar in json.unicodeScalars {
      switch scalar {
      case "\u{85}": result += #"\u0085"#
      case "\u{2028}": result += #"\u2028"#
      case "\u{2029}": result += #"\u2029"#
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Whether a JSON scalar would get another meaning, or be invalid, if it were written without quotes.
  static func needsQuotes(_ scalar: YAMLText) -> Bool {
    guard !scalar.isPlain else { return false }
    let text = scalar.text
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
