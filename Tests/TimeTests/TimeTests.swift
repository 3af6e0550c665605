import Testing

@testable import Time

@Suite(.timeLimit(.minutes(5))) struct TimeTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let why: String
    let nanoseconds: Int64
    let rfc3339: String
    var testDescription: String { why }
  }

  @Test(arguments: [
    Case(why: "the epoch", nanoseconds: 0, rfc3339: "1970-01-01T00:00:00Z"),
    Case(why: "before the epoch", nanoseconds: -1, rfc3339: "1969-12-31T23:59:59.999999999Z"),
    Case(why: "zeros at the end go", nanoseconds: 1_795_223_277_139_364_000, rfc3339: "2026-11-21T01:07:57.139364Z"),
    Case(why: "zeros in front stay", nanoseconds: 1_795_223_277_000_000_042, rfc3339: "2026-11-21T01:07:57.000000042Z"),
    Case(why: "leap day of a century", nanoseconds: 951_782_400_000_000_000, rfc3339: "2000-02-29T00:00:00Z"),
    Case(why: "day after it", nanoseconds: 951_868_800_000_000_000, rfc3339: "2000-03-01T00:00:00Z"),
    Case(why: "no leap day in 2100", nanoseconds: 4_107_542_400_000_000_000, rfc3339: "2100-03-01T00:00:00Z"),
    Case(why: "last day of a year", nanoseconds: 1_735_689_599_000_000_000, rfc3339: "2024-12-31T23:59:59Z"),
  ])
  func `RFC 3339`(_ test: Case) {
    let time = WallTime(nanosecondsSince1970: test.nanoseconds)
    #expect(time.rfc3339 == test.rfc3339)
    #expect(WallTime(rfc3339: test.rfc3339) == time)
  }

  @Test(arguments: [
    ("0001-01-01T00:00:00Z", "1677-09-21T00:12:44Z"), ("9999-12-31T23:59:59.9Z", "2262-04-11T23:47:16Z"),
    ("2262-04-11T23:47:15.999999999Z", "2262-04-11T23:47:15.999999999Z"),
    ("2026-11-21T00:45:31.1234567894Z", "2026-11-21T00:45:31.123456789Z"),
  ])
  func `a time that cannot be represented becomes the nearest one that can`(_ text: String, _ nearest: String) {
    #expect(WallTime(rfc3339: text)?.rfc3339 == nearest)
  }

  @Test func `other forms`() {
    let time = WallTime(nanosecondsSince1970: 1_795_223_275_139_364_792)
    #expect(time.httpDate == "Sat, 21 Nov 2026 01:07:55 GMT")
    #expect(time.unixDate == "Sat Nov 21 01:07:55 UTC 2026")
    #expect(time.klogHeader == "1121 01:07:55.139364")
    #expect(time.microTime == "2026-11-21T01:07:55.139364Z")
    #expect(WallTime(nanosecondsSince1970: 1_000).microTime == "1970-01-01T00:00:00.000001Z")
    #expect(WallTime(nanosecondsSince1970: 1_793_606_400_000_000_000).unixDate == "Mon Nov  2 08:00:00 UTC 2026")
  }

  @Test(
    arguments: [
      (10.5, "1970-01-01T00:00:10.5Z"), (-1, "1969-12-31T23:59:59Z"), (1e300, "2262-04-11T23:47:16Z"),
      (-.infinity, "1677-09-21T00:12:44Z"),
    ] as [(Double, String)])
  func `a time from seconds becomes the nearest representable one`(_ seconds: Double, _ text: String) {
    #expect(WallTime(secondsSince1970: seconds).rfc3339 == text)
  }

  @Test(
    arguments: [
      (Duration.milliseconds(5), 5), (.nanoseconds(1), 1), (.nanoseconds(1_000_001), 2), (.zero, 0), (.seconds(-1), 0),
      (.seconds(1 << 40), Int32.max),
    ] as [(Duration, Int32)])
  func `milliseconds for poll are rounded up`(_ duration: Duration, _ milliseconds: Int32) {
    let start = Moment(wall: .epoch, ticks: 0)
    #expect(start.milliseconds(until: start.advanced(by: duration)) == milliseconds)
  }

  @Test func `the clock runs`() {
    let first = Moment.now()
    let second = Moment.now()
    #expect(first <= second)
    #expect(first.duration(to: first.advanced(by: .milliseconds(1500))) == .milliseconds(1500))
    #expect(first.wall.nanosecondsSince1970 > 1_700_000_000_000_000_000)
  }
}
