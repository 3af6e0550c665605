import ServiceModel

/// Makes text from outside safe for output that consists of lines.
package enum PlainText {
  /// The text in one line. Control characters, line and paragraph separators, and characters that change the direction
  /// of writing become `\n` or `\u{85}`. A backslash becomes two.
  package static func line(_ text: String) -> String {
    if text.utf8.allSatisfy({ (0x20...0x7e).contains($0) && $0 != 0x5c }) { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      default: result.appendVisibly(scalar)
      }
    }
    return result
  }
}
