/// A point in time in UTC, to the nanosecond. Int64 covers the years 1677 to 2262.
package struct WallTime: Hashable, Sendable, Comparable {
  package let nanosecondsSince1970: Int64

  /// The first moment of 1970.
  package static let epoch = WallTime(nanosecondsSince1970: 0)

  package init(nanosecondsSince1970: Int64) { self.nanosecondsSince1970 = nanosecondsSince1970 }

  /// A time before or after the years that can be represented becomes the first or the last of them.
  package init(secondsSince1970: Double) {
    nanosecondsSince1970 = Int64((max(-WallTime.limit, min(secondsSince1970, WallTime.limit)) * 1e9).rounded())
  }

  /// In seconds. The dates of all whole seconds up to here can be computed without overflow.
  static let limit = 9_223_372_036.0

  /// As precise as a Double is: about a quarter of a microsecond today.
  package var secondsSince1970: Double { Double(nanosecondsSince1970) / 1e9 }

  /// The time from this moment to `now`. Zero if this moment is later than `now`, for example because the clock was set
  /// back.
  package func age(at now: WallTime) -> Duration {
    now < self ? .zero : .seconds(now.secondsSince1970 - secondsSince1970)
  }

  package static func < (left: WallTime, right: WallTime) -> Bool {
    left.nanosecondsSince1970 < right.nanosecondsSince1970
  }

  /// RFC 3339 with only as many digits of the second as needed, as Go's API types write it.
  package var rfc3339: String {
    var fraction = padded(nanosecond, 9)
    while fraction.last == "0" { fraction.removeLast() }
    return "\(date)T\(timeOfDay)" + (fraction.isEmpty ? "Z" : ".\(fraction)Z")
  }

  /// meta/v1 MicroTime: RFC 3339 with six digits of the second.
  package var microTime: String { "\(date)T\(timeOfDay).\(padded(nanosecond / 1000, 6))Z" }

  /// For people: `2026-11-21 01:08:00 UTC`.
  package var readable: String { "\(date) \(timeOfDay) UTC" }

  /// The form of HTTP's Date header (RFC 9110 section 5.6.7): `Sat, 21 Nov 2026 01:08:00 GMT`.
  package var httpDate: String {
    let civil = self.civil
    return "\(weekday), \(padded(civil.day, 2)) \(WallTime.months[civil.month - 1]) \(padded(civil.year, 4)) "
      + "\(timeOfDay) GMT"
  }

  /// The format of date(1) and of kube-proxy's status page: `Sat Nov 21 01:07:55 UTC 2026`.
  package var unixDate: String {
    let civil = self.civil
    let day = civil.day < 10 ? " \(civil.day)" : "\(civil.day)"
    return "\(weekday) \(WallTime.months[civil.month - 1]) \(day) \(timeOfDay) UTC \(civil.year)"
  }

  /// The form of a klog header: `1121 01:07:55.139364`.
  package var klogHeader: String {
    let civil = self.civil
    return "\(padded(civil.month, 2))\(padded(civil.day, 2)) \(timeOfDay).\(padded(nanosecond / 1000, 6))"
  }

  /// Milliseconds since 1970, as in the JSON logs of Kubernetes.
  package var milliseconds: Double { Double(nanosecondsSince1970 / 1000) / 1000 }

  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
  private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]

  private var seconds: Int64 { floorDivide(nanosecondsSince1970, 1_000_000_000) }
  private var days: Int64 { floorDivide(seconds, 86400) }
  private var nanosecond: Int64 { nanosecondsSince1970 - seconds * 1_000_000_000 }
  private var weekday: String { WallTime.weekdays[Int((days % 7 + 7) % 7)] }

  private var date: String {
    let civil = self.civil
    return "\(padded(civil.year, 4))-\(padded(civil.month, 2))-\(padded(civil.day, 2))"
  }

  private var timeOfDay: String {
    let second = seconds - days * 86400
    return "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
  }

  private struct Civil {
    let year: Int
    let month: Int
    let day: Int
  }

  /// The Gregorian date. Here a year begins on 1 March: the leap day is the last day of the year, and the months follow
  /// a fixed pattern of 153 days in five months.
  private var civil: Civil {
    let shifted = days + 719_468
    let era = floorDivide(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    return Civil(
      year: Int(yearOfEra + era * 400 + (month <= 2 ? 1 : 0)), month: Int(month),
      day: Int(dayOfYear - (153 * marchMonth + 2) / 5 + 1))
  }
}

private func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
  let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
  return remainder < 0 ? quotient - 1 : quotient
}

private func padded(_ value: some BinaryInteger, _ width: Int) -> String {
  let digits = String(value)
  return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}
