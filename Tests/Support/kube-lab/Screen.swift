import Glibc

/// The output of the demo: plain text of at most 100 columns. Headings are bold on a terminal.
enum Screen {
  private static let isTerminal = isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == nil

  static func heading(_ text: String) {
    show("\n" + (isTerminal ? "\u{1b}[1m\(text)\u{1b}[0m" : text + "\n" + String(repeating: "-", count: text.count)))
  }

  static func text(_ text: String) { show("  \(text)") }

  static func gap() { show("") }

  /// Shows a command like a line that a user types.
  static func command(_ text: String) { show("  $ \(text)") }

  /// Shows the output of a program. Folds long lines.
  static func output(_ text: String) {
    for line in text.split(separator: "\n") {
      var rest = line[...]
      var indent = "    "
      while rest.count > 96 - indent.count {
        let piece = rest.prefix(96 - indent.count)
        guard let space = piece.lastIndex(of: " ") else { break }
        show(indent + rest[..<space])
        rest = rest[rest.index(after: space)...]
        indent = "        "
      }
      show(indent + rest)
    }
  }

  static func table(_ rows: [[String]]) {
    guard let columns = rows.first?.count else { return }
    let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
    for row in rows {
      let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
      show("    " + cells.joined(separator: "   ").trimmingTrailingSpaces())
    }
  }

  /// One bar for each name, in the order of `names`.
  static func bars(_ counts: [String: Int], names: [String]) {
    let longest = max(counts.values.max() ?? 1, 1)
    table(
      names.map { name in
        let count = counts[name, default: 0]
        return [name, String(repeating: "█", count: (count * 40 + longest - 1) / longest), "\(count)"]
      }.map { [$0[0], $0[2], $0[1]] })
  }

  private static func show(_ line: String) {
    print(line)
    fflush(nil)
  }
}

extension String {
  func trimmingTrailingSpaces() -> String {
    var copy = self[...]
    while copy.last == " " { copy = copy.dropLast() }
    return String(copy)
  }
}
