/// Checks that a page's elements are properly nested and its attributes quoted.
enum Markup {
  struct Malformed: Error, CustomStringConvertible {
    let description: String
  }

  /// Elements that HTML does not close, or that may be left open in a table's head.
  private static let void: Set<String> = ["meta", "input", "!doctype"]
  private static let optional: Set<String> = ["th"]

  /// The number of elements.
  static func check(_ page: String) throws -> Int {
    var open: [String] = []
    var count = 0
    var rest = page[...]
    while let start = rest.firstIndex(of: "<") {
      let text = rest[..<start]
      guard !text.contains(">") || open.last == "style" else { throw Malformed(description: "a bare > in \(text)") }
      rest = rest[start...]
      let end = try tagEnd(rest)
      let tag = rest[rest.index(after: start)..<end]
      rest = rest[rest.index(after: end)...]
      let name = tag.drop { $0 == "/" }.prefix { $0.isLetter || $0.isNumber || $0 == "!" }.lowercased()
      if tag.hasPrefix("/") {
        while let last = open.last, last != name, optional.contains(last) { open.removeLast() }
        guard open.popLast() == name else { throw Malformed(description: "</\(name)> closes nothing") }
      } else {
        count += 1
        if optional.contains(name), open.last == name { open.removeLast() }
        if !void.contains(name) && !tag.hasSuffix("/") { open.append(name) }
      }
    }
    guard open.isEmpty else { throw Malformed(description: "left open: \(open)") }
    return count
  }

  private static func tagEnd(_ text: Substring) throws -> Substring.Index {
    var isQuoted = false
    for index in text.indices {
      switch text[index] {
      case "\"": isQuoted.toggle()
      case ">" where !isQuoted: return index
      case "<" where index != text.startIndex && !isQuoted: throw Malformed(description: "< in \(text.prefix(80))")
      default: break
      }
    }
    throw Malformed(description: "no end of \(text.prefix(80))")
  }
}
