extension WallTime {
  /// Reads a time in the format of the API, such as `2026-11-21T00:45:31.25Z`, without a calendar library; nil if the
  /// text is not RFC 3339. The days of a month are not checked: 31 February becomes 3 March. A time before or after the
  /// years that can be represented becomes the first or the last of them.
  package init?(rfc3339 text: String) {
    var rest = Array(text.utf8)[...]
    guard let year = rest.number(digits: 4), rest.take("-"), let month = rest.number(digits: 2), rest.take("-"),
      let day = rest.number(digits: 2), rest.take("T") || rest.take("t"), let hour = rest.number(digits: 2),
      rest.take(":"), let minute = rest.number(digits: 2), rest.take(":"), let second = rest.number(digits: 2),
      (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
    else { return nil }
    let nanoseconds = rest.fraction()
    guard let offset = rest.offset(), rest.isEmpty else { return nil }
    let days = WallTime.daysSince1970(year: year, month: month, day: day)
    let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset
    if abs(seconds) < Int(WallTime.limit) {
      self.init(nanosecondsSince1970: Int64(seconds * 1_000_000_000 + nanoseconds))
    } else {
      self.init(secondsSince1970: Double(seconds))
    }
  }

  /// Days in the Gregorian calendar. Years are counted from March, so that the leap day is the last day of a year.
  private static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
  }
}

/// The rest of a text, whose parts are taken from its front.
extension ArraySlice<UInt8> {
  fileprivate mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard first == UInt8(ascii: character) else { return false }
    removeFirst()
    return true
  }

  fileprivate mutating func number(digits: Int) -> Int? {
    let head = prefix(digits)
    guard head.count == digits, head.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    removeFirst(digits)
    return head.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  /// In nanoseconds. Digits after the ninth have no effect.
  fileprivate mutating func fraction() -> Int {
    guard take(".") else { return 0 }
    var result = 0
    var unit = 100_000_000
    while let digit = number(digits: 1) {
      result += digit * unit
      unit /= 10
    }
    return result
  }

  /// Seconds east of UTC.
  fileprivate mutating func offset() -> Int? {
    if take("Z") || take("z") { return 0 }
    let isWest = first == UInt8(ascii: "-")
    guard take("+") || take("-"), let hour = number(digits: 2), take(":"), let minute = number(digits: 2) else {
      return nil
    }
    return (hour * 3_600 + minute * 60) * (isWest ? -1 : 1)
  }
}
