import Testing

@testable import Benchmark

@Suite(.timeLimit(.minutes(5))) struct FigureTests {
  @Test(
    arguments: [
      (3.4149, "3.41 s", "seconds"), (0.0210, "21.0 ms", "milliseconds"), (48.24e-6, "48.2 µs", "microseconds"),
      (0.9999, "1,000 ms", "just below a unit"), (412.4, "412 s", "no digits that do not count"),
      (0.000_000_058, "0.058 µs", "below all units"),
    ] as [(Double, String, String)])
  func `a time is written in the unit that fits`(_ seconds: Double, _ text: String, _ why: String) {
    #expect(Figure.time(seconds) == text, "\(why)")
  }

  @Test(
    arguments: [
      ("50.0 ms", "50 ms", "round"), ("1.00 s", "1 s", "one"), ("0.20 s", "0.2 s", "a digit that counts"),
      ("200 ms", "200 ms", "zeros that count"), ("–", "–", "nothing"),
    ] as [(String, String, String)])
  func `ticks are round numbers`(_ text: String, _ tick: String, _ why: String) {
    #expect(Figure.tick(text) == tick, "\(why)")
  }

  @Test(
    arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] as [(Int, String)])
  func `counts have groups of three digits`(_ count: Int, _ text: String) {
    #expect(Figure.count(count) == text)
  }

  @Test(
    arguments: [
      ([3, 1, 2], Statistics(median: 2, low: 1, high: 3, count: 3), "few samples: smallest and largest"),
      ([1, 2], Statistics(median: 1.5, low: 1, high: 2, count: 2), "the middle of two"),
      (
        (0...10).map(Double.init), Statistics(median: 5, low: 1, high: 9, count: 11), "many: 10th and 90th percentile"
      ),
    ] as [([Double], Statistics, String)])
  func `statistics are medians and percentiles`(_ samples: [Double], _ expected: Statistics, _ why: String) {
    #expect(Statistics(samples) == expected, "\(why)")
  }

  @Test func `without samples there are no figures`() {
    let statistics = Statistics([])
    #expect(statistics.median.isNaN && statistics.low.isNaN && statistics.high.isNaN && statistics.count == 0)
  }

  @Test(
    arguments: [
      ([0.0001, 10], "several decades"), ([5, 5], "a single value"), ([0, 3, .nan], "values that have no place"),
    ] as [([Double], String)])
  func `an axis encloses its values, in order`(_ values: [Double], _ why: String) {
    let axis = LogAxis(values: values, from: 100, to: 500)
    let places = values.filter { $0 > 0 }.map(axis.place)
    #expect(places.allSatisfy { (100...500).contains($0) }, "\(why)")
    #expect(places == places.sorted(), "\(why)")
    #expect(abs(axis.place(0) - 100) < 1e-9, "zero stands at the lower end")
    #expect((2...16).contains(axis.ticks.count), "\(why)")
    #expect(axis.ticks.allSatisfy { (99.9...500.1).contains(axis.place($0)) }, "\(why)")
  }
}
