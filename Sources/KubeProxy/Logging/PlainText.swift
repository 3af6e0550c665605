/// Text from elsewhere on its way into something that is made of lines.
enum PlainText {
  /// The same on one line: control characters, line and paragraph separators, and characters that turn the direction of
  /// writing are spelt out as `\n` or `\u{85}`, and a backslash as two.
  static func line(_ text: String) -> String {
    if text.utf8.allSatisfy({ (0x20...0x7e).contains($0) && $0 != 0x5c }) { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      default:
        if isInvisible(scalar) {
          result += "\\u{\(String(scalar.value, radix: 16))}"
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result
  }

  static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
    default: false
    }
  }
}
