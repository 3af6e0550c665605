/// The grammar of numbers in RFC 8259: `007`, `+1`, `1.` and `.5` are none.
enum JSONNumber {
  static func isValid(_ text: ArraySlice<UInt8>) -> Bool {
    var rest = text
    if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
    let isZero = rest.first == UInt8(ascii: "0")
    let count = takeDigits(&rest)
    guard count == 1 || (count > 1 && !isZero) else { return false }
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      guard takeDigits(&rest) > 0 else { return false }
    }
    if let letter = rest.first, "eE".utf8.contains(letter) {
      rest = rest.dropFirst()
      if let sign = rest.first, "+-".utf8.contains(sign) { rest = rest.dropFirst() }
      guard takeDigits(&rest) > 0 else { return false }
    }
    return rest.isEmpty
  }

  /// Removes the digits at the start, and returns their number.
  private static func takeDigits(_ text: inout ArraySlice<UInt8>) -> Int {
    let count = text.prefix { (0x30...0x39).contains($0) }.count
    text = text.dropFirst(count)
    return count
  }
}
