/// A duration in the format of Go: `1h0m0s`, `150s`, `1.5s`, `300ms`, `0s`.
package struct GoDuration: Hashable, Sendable, Comparable {
  /// The largest duration that Go can represent in nanoseconds (about 292 years).
  package static let limit = Duration.nanoseconds(Int64.max)
  package var duration: Duration

  package static let zero = GoDuration(.zero)

  package init(_ duration: Duration) { self.duration = duration }

  /// nil if `text` is not a signed sequence of decimal numbers with units (ns, us, µs, ms, s, m, h), or `0`.
  package init?(_ text: String) {
    guard let value = try? GoDuration.parse(text) else { return nil }
    self = value
  }

  private enum Fault: Error {
    case malformed
    /// The text has the right form, but 64 bits do not hold its nanoseconds.
    case tooLong
  }

  private static func parse(_ text: String) throws(Fault) -> GoDuration {
    var rest = Array(text.utf8)[...]
    let isNegative = rest.first == UInt8(ascii: "-")
    if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
    if rest.elementsEqual("0".utf8) { return .zero }
    guard !rest.isEmpty else { throw .malformed }
    var sum: Int64 = 0
    var isTooLong = false
    while !rest.isEmpty {
      // A part after one that is too long may still be malformed.
      guard let part = try GoDuration.part(&rest) else {
        isTooLong = true
        continue
      }
      let (product, overflow) = part.whole.multipliedReportingOverflow(by: part.unit)
      let (total, carry) = sum.addingReportingOverflow(product)
      let (result, spill) = total.addingReportingOverflow(part.fraction)
      isTooLong = isTooLong || overflow || carry || spill
      sum = isTooLong ? 0 : result
    }
    if isTooLong { throw .tooLong }
    return GoDuration(.nanoseconds(isNegative ? -sum : sum))
  }

  package static func < (left: GoDuration, right: GoDuration) -> Bool { left.duration < right.duration }

  private struct Part {
    var whole: Int64
    /// Nanoseconds.
    var fraction: Int64
    /// Nanoseconds.
    var unit: Int64
  }

  /// nil if 64 bits do not hold the number.
  private static func part(_ rest: inout ArraySlice<UInt8>) throws(Fault) -> Part? {
    let digits = rest.prefix { isDigit($0) }
    rest = rest.dropFirst(digits.count)
    var decimals: ArraySlice<UInt8> = []
    if rest.first == UInt8(ascii: ".") {
      rest.removeFirst()
      decimals = rest.prefix { isDigit($0) }
      rest = rest.dropFirst(decimals.count)
    }
    guard !digits.isEmpty || !decimals.isEmpty else { throw .malformed }
    let name = rest.prefix { !isDigit($0) && $0 != UInt8(ascii: ".") }
    rest = rest.dropFirst(name.count)
    guard let unit = units[String(decoding: name, as: UTF8.self)] else { throw .malformed }
    guard let whole = digits.isEmpty ? 0 : Int64(String(decoding: digits, as: UTF8.self)) else { return nil }
    return Part(whole: whole, fraction: fraction(decimals, of: unit), unit: unit)
  }

  /// Whole nanoseconds. As in Go, all digits are read as one number, which is scaled once. A sum of tenths, hundredths
  /// and so on would often be one nanosecond too small, because most decimal fractions are not exact in binary.
  /// Eighteen digits fit into 64 bits. Further digits change nothing.
  private static func fraction(_ decimals: ArraySlice<UInt8>, of unit: Int64) -> Int64 {
    var number: Int64 = 0
    var scale = 1.0
    for digit in decimals.prefix(18) {
      number = number * 10 + Int64(digit - 0x30)
      scale *= 10
    }
    return Int64((Double(number) * (Double(unit) / scale)).rounded(.down))
  }

  private static let units: [String: Int64] = [
    "ns": 1, "us": 1_000, "µs": 1_000, "μs": 1_000, "ms": 1_000_000, "s": 1_000_000_000, "m": 60_000_000_000,
    "h": 3_600_000_000_000,
  ]

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}

extension GoDuration: CustomStringConvertible {
  /// The format of Go's output: `24h0m0s`, `1.5s`, `250ms`, `0s`.
  package var description: String {
    let (seconds, attoseconds) = duration.components
    let nanoseconds = attoseconds / 1_000_000_000
    if seconds == 0 && nanoseconds == 0 { return "0s" }
    let sign = seconds < 0 || nanoseconds < 0 ? "-" : ""
    let whole = seconds.magnitude
    let rest = nanoseconds.magnitude
    if whole == 0 { return sign + GoDuration.subsecond(rest) }
    var text = "\(GoDuration.decimal(whole % 60, rest, digits: 9))s"
    if whole >= 60 { text = "\(whole / 60 % 60)m\(text)" }
    if whole >= 3600 { text = "\(whole / 3600)h\(text)" }
    return sign + text
  }

  private static func subsecond(_ nanoseconds: UInt64) -> String {
    if nanoseconds < 1_000 { return "\(nanoseconds)ns" }
    if nanoseconds < 1_000_000 { return "\(decimal(nanoseconds / 1_000, nanoseconds % 1_000, digits: 3))µs" }
    return "\(decimal(nanoseconds / 1_000_000, nanoseconds % 1_000_000, digits: 6))ms"
  }

  private static func decimal(_ whole: UInt64, _ fraction: UInt64, digits: Int) -> String {
    if fraction == 0 { return "\(whole)" }
    var text = String(fraction)
    text = String(repeating: "0", count: digits - text.utf8.count) + text
    while text.hasSuffix("0") { text.removeLast() }
    return "\(whole).\(text)"
  }
}

extension GoDuration {
  /// Why a text is not a duration, and a suggestion. If a number alone is given, seconds are suggested. Go has no days
  /// and weeks, so they are converted to hours.
  package static func problem(_ text: String, quoted: String) -> String {
    if isTooLong(text) { return tooLong(quoted) }
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let hours: [Substring: Int64] = ["d": 24, "w": 168]
    if !digits.isEmpty, let factor = hours[text.dropFirst(digits.count)] {
      guard let number = Int64(digits), number <= Int64.max / factor, !isTooLong("\(number * factor)h") else {
        return tooLong(quoted)
      }
      return "\(quoted) is not a valid duration because its units are h, m, s and ms: write \(number * factor)h"
    }
    let unsigned = text.first.map { "+-".contains($0) } ?? false ? text.dropFirst() : text[...]
    if unsigned.utf8.allSatisfy({ isDigit($0) || $0 == UInt8(ascii: ".") }) {
      if isTooLong("\(text)s") { return tooLong(quoted) }
      if GoDuration("\(text)s") != nil {
        return "\(quoted) is not a valid duration because it has no unit: write \(text)s"
      }
    } else if GoDuration("\(text)s") != nil {
      // The unit that is meant is not known: 1h30 is more likely 1h30m than 1h30s.
      return "\(quoted) is not a valid duration because its last number has no unit (such as 30s or 1h0m0s)"
    }
    return "\(quoted) is not a valid duration (such as 30s or 1h0m0s)"
  }

  private static func isTooLong(_ text: String) -> Bool {
    do throws(Fault) {
      _ = try parse(text)
      return false
    } catch {
      return error == .tooLong
    }
  }

  private static func tooLong(_ quoted: String) -> String {
    "\(quoted) is too long for a duration: the longest is \(GoDuration(limit))"
  }
}
