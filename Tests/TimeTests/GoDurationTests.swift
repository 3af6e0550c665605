import Testing

@testable import Time

@Suite(.timeLimit(.minutes(2))) struct GoDurationTests {
  @Test(arguments: [
    ("0", 0, "0s"), ("0s", 0, "0s"), ("1h0m0s", 3_600_000, "1h0m0s"), ("24h", 86_400_000, "24h0m0s"),
    ("150s", 150_000, "2m30s"), ("1.5s", 1_500, "1.5s"), ("250ms", 250, "250ms"), (".5m", 30_000, "30s"),
    ("-1m", -60_000, "-1m0s"), ("+2s", 2_000, "2s"), ("1h1ms", 3_600_001, "1h0m0.001s"),
    ("1m1.02s", 61_020, "1m1.02s"),
  ])
  func `durations are read and printed as in Go`(text: String, milliseconds: Int, printed: String) {
    let value = GoDuration(text)
    #expect(value?.duration == .milliseconds(milliseconds))
    #expect(value?.description == printed)
  }

  @Test(arguments: [("1ns", "1ns"), ("1500ns", "1.5µs"), ("7us", "7µs"), ("3µs", "3µs"), ("1.5ms", "1.5ms")])
  func `small units`(text: String, printed: String) {
    #expect(GoDuration(text)?.description == printed)
  }

  @Test(arguments: [
    ("0.901583s", 901_583_000), ("0.591587s", 591_587_000), ("8.005052549s", 8_005_052_549),
    ("901.583ms", 901_583_000),
    ("0.000000003s", 3), ("1.0000000039999999999999999999s", 1_000_000_003), ("0.25h", 900_000_000_000),
  ])
  func `no nanosecond is lost`(text: String, nanoseconds: Int) {
    let value = GoDuration(text)
    #expect(value?.duration == .nanoseconds(nanoseconds))
    #expect(value.flatMap { GoDuration($0.description) } == value)
  }

  @Test(arguments: ["", "-", "1", "s", "1x", "1s2", ". s", "1 s", "9999999999h", "1..5s", "٣s"])
  func `refused`(text: String) {
    #expect(GoDuration(text) == nil)
  }

  @Test(arguments: [
    ("30", "is not a valid duration because it has no unit: write 30s"),
    ("-1.5", "is not a valid duration because it has no unit: write -1.5s"),
    ("1d", "is not a valid duration because its units are h, m, s and ms: write 24h"),
    ("106751d", "is not a valid duration because its units are h, m, s and ms: write 2562024h"),
    ("1h30", "is not a valid duration because its last number has no unit (such as 30s or 1h0m0s)"),
    ("", "is not a valid duration (such as 30s or 1h0m0s)"), ("-", "is not a valid duration (such as 30s or 1h0m0s)"),
    ("soon", "is not a valid duration (such as 30s or 1h0m0s)"),
    ("9999999999999999999h1x", "is not a valid duration (such as 30s or 1h0m0s)"),
    ("3000000h", "is too long for a duration: the longest is 2562047h47m16.854775807s"),
    ("2562047h48m", "is too long for a duration: the longest is 2562047h47m16.854775807s"),
    ("9999999999999999999s", "is too long for a duration: the longest is 2562047h47m16.854775807s"),
    ("9999999999", "is too long for a duration: the longest is 2562047h47m16.854775807s"),
    ("106752d", "is too long for a duration: the longest is 2562047h47m16.854775807s"),
  ])
  func `the reason names what is wrong`(text: String, reason: String) {
    #expect(GoDuration.problem(text, quoted: "'\(text)'") == "'\(text)' \(reason)")
  }
}
