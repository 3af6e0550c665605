import Testing

@testable import KubeProxy

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
    #expect(WallTime(nanosecondsSince1970: test.nanoseconds).rfc3339 == test.rfc3339)
  }

  @Test func `other forms`() {
    let time = WallTime(nanosecondsSince1970: 1_795_223_275_139_364_792)
    #expect(time.httpDate == "Sat, 21 Nov 2026 01:07:55 GMT")
    #expect(time.unixDate == "Sat Nov 21 01:07:55 UTC 2026")
    #expect(time.klogHeader == "1121 01:07:55.139364")
    #expect(WallTime(nanosecondsSince1970: 1_793_606_400_000_000_000).unixDate == "Mon Nov  2 08:00:00 UTC 2026")
  }

  @Test func `the clock runs`() {
    let first = Moment.now()
    let second = Moment.now()
    #expect(first <= second)
    #expect(first.duration(to: first.advanced(by: .milliseconds(1500))) == .milliseconds(1500))
    #expect(first.wall.nanosecondsSince1970 > 1_700_000_000_000_000_000)
  }
}
