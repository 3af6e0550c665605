/// What a plain (unquoted) YAML scalar means in JSON, as the Kubernetes tools read it: YAML 1.1, except that
/// sexagesimal numbers, times, `y` and `n` stay strings.
package enum YAMLScalar: Sendable, Equatable {
  case null
  case bool(Bool)
  /// Text that is a JSON number.
  case number(String)
  case string

  package init(plain text: String) {
    switch text {
    case "", "~", "null", "Null", "NULL": self = .null
    case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON": self = .bool(true)
    case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF": self = .bool(false)
    default: self = YAMLScalar.number(in: text).map(YAMLScalar.number) ?? .string
    }
  }

  private static func number(in text: String) -> String? {
    guard let first = text.utf8.first, first < 0x3a, !text.utf8.contains(UInt8(ascii: ":")) else { return nil }
    let digits = text.replacingUnderscores
    if let value = integer(digits) { return String(value) }
    let isDecimal = digits.utf8.allSatisfy { (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }
    guard isDecimal, digits.utf8.contains(where: { (0x30...0x39).contains($0) }), let value = Double(digits),
      value.isFinite
    else { return nil }
    return "\(value)"
  }

  private static func integer(_ text: String) -> Int64? {
    let isNegative = text.hasPrefix("-")
    let body = isNegative || text.hasPrefix("+") ? text.dropFirst() : text[...]
    guard let first = body.utf8.first, (0x30...0x39).contains(first) else { return nil }
    let magnitude: Int64? =
      if body.hasPrefix("0x") {
        unsigned(body.dropFirst(2), radix: 16)
      } else if body.hasPrefix("0o") {
        unsigned(body.dropFirst(2), radix: 8)
      } else if body.hasPrefix("0b") {
        unsigned(body.dropFirst(2), radix: 2)
      } else if body.count > 1 && first == 0x30 {
        Int64(body, radix: 8)
      } else {
        Int64(body)
      }
    return magnitude.map { isNegative ? -$0 : $0 }
  }

  /// nil for a second sign, as in `0x-1`, which is a string. Otherwise `-0x-8000000000000000` would overflow, because
  /// Int64.min has no positive counterpart.
  private static func unsigned(_ digits: Substring, radix: Int) -> Int64? {
    digits.hasPrefix("-") || digits.hasPrefix("+") ? nil : Int64(digits, radix: radix)
  }
}

extension String {
  /// YAML 1.1 allows underscores between digits.
  fileprivate var replacingUnderscores: String { utf8.contains(UInt8(ascii: "_")) ? filter { $0 != "_" } : self }
}
