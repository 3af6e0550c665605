import ServiceModel

/// Formats numbers for readers.
enum Figure {
  /// `12,345`
  static func count(_ number: Int) -> String { number.grouped }

  /// Three significant digits: `1.24`, `35.6`, `412`, `0.058`.
  static func number(_ value: Double) -> String {
    guard value.isFinite else { return "–" }
    let size = abs(value)
    if size >= 99.95 { return count(Int(value.rounded())) }
    if size >= 9.995 { return fixed(value, 1) }
    return fixed(value, size >= 0.1 || size == 0 ? 2 : 3)
  }

  /// In a suitable unit: `3.41 s`, `21.0 ms`, `48.2 µs`.
  static func time(_ seconds: Double) -> String {
    if seconds >= 1 { return number(seconds) + " s" }
    if seconds >= 0.001 { return number(seconds * 1e3) + " ms" }
    return number(seconds * 1e6) + " µs"
  }

  /// A round number for the axes of plots: `50 ms` and not `50.0 ms`.
  static func tick(_ text: String) -> String {
    let parts = text.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].contains(".") else { return text }
    var number = parts[0]
    while number.hasSuffix("0") { number.removeLast() }
    if number.hasSuffix(".") { number.removeLast() }
    return "\(number) \(parts[1])"
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
