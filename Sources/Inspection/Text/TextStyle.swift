import ServiceModel

/// How text for people is decorated: with colours on a terminal, otherwise not at all.
package struct TextStyle: Sendable {
  package let isColored: Bool

  package init(isColored: Bool) { self.isColored = isColored }

  func heading(_ text: String) -> String { paint("1", text) }
  func quiet(_ text: String) -> String { paint("2", text) }
  func good(_ text: String) -> String { paint("32", text) }
  func bad(_ text: String) -> String { paint("31", text) }
  func notable(_ text: String) -> String { paint("33", text) }

  private func paint(_ code: String, _ text: String) -> String {
    isColored && !text.isEmpty ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
  }
}

extension String {
  /// Filled up with spaces to `width` characters.
  func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

  func leftPadded(_ width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }

  /// Broken at spaces into lines of at most `width` characters; longer words stay whole. Invisible characters become
  /// visible, because comments in rules are text from outside.
  func wrapped(_ width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in visible.split(separator: " ") {
      if !line.isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = ""
      }
      line += line.isEmpty ? String(word) : " " + word
    }
    return lines + [line]
  }
}

/// A probability in percent, as `33.33 %`.
func percent(_ probability: Double) -> String {
  let value = probability * 100
  if value > 0, value < 0.01 { return "<0.01 %" }
  let hundredths = Int((value * 100).rounded())
  let fraction = hundredths % 100
  return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction) %"
}
