/// Numbers as people read them.
enum Figure {
  /// `12,345`
  static func count(_ number: Int) -> String {
    var digits = String(number)
    var groups: [Substring] = []
    while digits.count > 3 {
      groups.insert(Substring(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    return ([Substring(digits)] + groups).joined(separator: ",")
  }

  /// Three digits that count: `1.24`, `35.6`, `412`, `0.058`.
  static func number(_ value: Double) -> String {
    guard value.isFinite else { return "–" }
    let size = abs(value)
    if size >= 1000 { return count(Int(value.rounded())) }
    if size >= 100 { return fixed(value, 0) }
    if size >= 10 { return fixed(value, 1) }
    return fixed(value, size >= 0.1 || size == 0 ? 2 : 3)
  }

  /// In the unit that fits: `3.41 s`, `21.0 ms`, `48.2 µs`.
  static func time(_ seconds: Double) -> String {
    if seconds >= 1 { return number(seconds) + " s" }
    if seconds >= 0.001 { return number(seconds * 1e3) + " ms" }
    return number(seconds * 1e6) + " µs"
  }

  static func bytes(_ bytes: Double) -> String { number(bytes / 1_048_576) + " MB" }

  private static func fixed(_ value: Double, _ digits: Int) -> String {
    let scale = [1.0, 10, 100, 1000][digits]
    let scaled = Int((abs(value) * scale).rounded())
    let whole = "\(value < 0 ? "-" : "")\(scaled / Int(scale))"
    guard digits > 0 else { return whole }
    let fraction = String(scaled % Int(scale))
    return whole + "." + String(repeating: "0", count: digits - fraction.count) + fraction
  }
}
