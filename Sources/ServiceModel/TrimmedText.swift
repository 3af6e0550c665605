extension StringProtocol {
  /// The text without spaces, tabs and ends of lines at both ends.
  package var trimmingBlanks: String {
    let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0a || $0 == 0x0d }
    let text = Substring(self)
    let rest = text.utf8.drop(while: isBlank)
    guard let last = rest.lastIndex(where: { !isBlank($0) }) else { return "" }
    return String(text[rest.startIndex..<text.utf8.index(after: last)])
  }
}
