/// Times in the format of the API (RFC 3339), parsed without a calendar library.
package enum RFC3339 {
  /// Seconds since 1970 for text such as `2026-11-21T00:45:31.25Z`; nil if the text is not a valid time.
  package static func seconds(_ text: String) -> Double? {
    var rest = Array(text.utf8)[...]
    guard let year = number(&rest, digits: 4), take(&rest, "-"), let month = number(&rest, digits: 2),
      take(&rest, "-"), let day = number(&rest, digits: 2), take(&rest, "T") || take(&rest, "t"),
      let hour = number(&rest, digits: 2), take(&rest, ":"), let minute = number(&rest, digits: 2),
      take(&rest, ":"), let second = number(&rest, digits: 2),
      (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
    else { return nil }
    let fraction = self.fraction(&rest)
    guard let offset = offset(&rest), rest.isEmpty else { return nil }
    let days = daysSince1970(year: year, month: month, day: day)
    return Double(days * 86_400 + hour * 3_600 + minute * 60 + second - offset) + fraction
  }

  private static func take(_ rest: inout ArraySlice<UInt8>, _ character: Unicode.Scalar) -> Bool {
    guard rest.first == UInt8(ascii: character) else { return false }
    rest.removeFirst()
    return true
  }

  private static func number(_ rest: inout ArraySlice<UInt8>, digits: Int) -> Int? {
    let head = rest.prefix(digits)
    guard head.count == digits, head.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    rest.removeFirst(digits)
    return head.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  private static func fraction(_ rest: inout ArraySlice<UInt8>) -> Double {
    guard take(&rest, ".") else { return 0 }
    var result = 0.0
    var unit = 0.1
    while let digit = number(&rest, digits: 1) {
      result += Double(digit) * unit
      unit /= 10
    }
    return result
  }

  /// Seconds east of UTC.
  private static func offset(_ rest: inout ArraySlice<UInt8>) -> Int? {
    if take(&rest, "Z") || take(&rest, "z") { return 0 }
    let isWest = rest.first == UInt8(ascii: "-")
    guard take(&rest, "+") || take(&rest, "-"), let hour = number(&rest, digits: 2), take(&rest, ":"),
      let minute = number(&rest, digits: 2)
    else { return nil }
    return (hour * 3_600 + minute * 60) * (isWest ? -1 : 1)
  }

  /// Days in the Gregorian calendar. Years are counted from March, so that the leap day is the last day of a year.
  private static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
  }
}
