/// Finds all values in JSON, so that a test can replace each of them.
package enum JSONValues {
  /// Values that are invalid in all fields or in most of them.
  package static let surprises =
    [
      "null", "true", "0", "-1", "1.5", "-0", "1e5", "1e400", "-1e400", "1e-400", "65536", "2147483648",
      "9223372036854775807", "-9223372036854775808", "99999999999999999999999", "NaN", "-Infinity", "0x10", "01",
      #""""#, #"" ""#, #""\u0000""#, #""\ud800""#, #""\udc00\ud800""#, #""a\nb""#, #""-j ACCEPT""#, #""a\"b""#,
      #""../../etc/passwd""#, #""10.0.0.1""#, #""fd00::1""#, #""10.0.0.0/33""#, #""%n%s""#, #""\u001b[2J""#, #""é""#,
      "[]", "[[]]", "[null]", #"[1,"a",{}]"#, "{}", #"{"a":{"b":[1]}}"#, #"{"":null}"#,
    ] + ["\"\(String(repeating: "x", count: 70_000))\"", String(repeating: "[", count: 600)]

  /// The ranges of all values, also of those inside of other values. `json` has to be valid.
  package static func ranges(_ json: [UInt8]) -> [Range<Int>] {
    var walker = Walker(json: json)
    walker.value()
    return walker.ranges
  }

  /// Calls `body` with copies of `json`. In each copy one of the surprises replaces one value.
  package static func replaced(_ json: [UInt8], _ body: ([UInt8]) throws -> Void) rethrows {
    for range in ranges(json) {
      for surprise in surprises {
        var changed = json
        changed.replaceSubrange(range, with: surprise.utf8)
        try body(changed)
      }
    }
  }

  private struct Walker {
    let json: [UInt8]
    var index = 0
    var ranges: [Range<Int>] = []

    mutating func value() {
      skipBlank()
      let start = index
      switch json[index] {
      case UInt8(ascii: "{"): members(hasKeys: true, end: UInt8(ascii: "}"))
      case UInt8(ascii: "["): members(hasKeys: false, end: UInt8(ascii: "]"))
      case UInt8(ascii: "\""): string()
      default: while index < json.count, !",]} \n".utf8.contains(json[index]) { index += 1 }
      }
      ranges.append(start..<index)
      skipBlank()
    }

    private mutating func members(hasKeys: Bool, end: UInt8) {
      index += 1
      skipBlank()
      while json[index] != end {
        if hasKeys {
          skipBlank()
          string()
          skipBlank()
          index += 1
        }
        value()
        if json[index] == UInt8(ascii: ",") { index += 1 }
        skipBlank()
      }
      index += 1
    }

    private mutating func string() {
      index += 1
      while json[index] != UInt8(ascii: "\"") { index += json[index] == UInt8(ascii: "\\") ? 2 : 1 }
      index += 1
    }

    private mutating func skipBlank() {
      while index < json.count, json[index] == 0x20 || json[index] == 0x0a { index += 1 }
    }
  }
}
