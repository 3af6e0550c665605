import Testing

@testable import IPTables

@Suite(.timeLimit(.minutes(5))) struct ProbabilityTests {
  @Test(arguments: [
    (1, 2, "0.5000000000", UInt32(1 << 30)), (1, 3, "0.3333333333", 715_827_883), (2, 3, "0.6666666667", 1_431_655_765),
    (1, 20, "0.0500000000", 107_374_182), (1, 1001, "0.0009990010", 2_145_338), (0, 5, "0.0000000000", 0),
    (5, 5, "1.0000000000", 1 << 31), (1, 100_000, "0.0000100000", 21_475),
  ])
  func `ten digits, and what the kernel makes of them`(numerator: Int, denominator: Int, text: String, ticks: UInt32) {
    let probability = Probability(numerator, of: denominator)
    #expect(probability.text == text)
    #expect(probability.ticks == ticks)
  }

  @Test(arguments: [
    ("0.33333333349", Probability(1, of: 3), "as iptables-save prints it"),
    ("0.50000000000", Probability(1, of: 2), "eleven digits"), ("0.5", Probability(1, of: 2), "by hand"),
    ("1", Probability(1, of: 1), "certain"), ("0.04999999981", Probability(1, of: 20), "rounded by the kernel"),
  ])
  func `equal when the kernel holds the same number`(text: String, expected: Probability, reason: String) throws {
    let read = try #require(Probability(text: text), "\(reason)")
    #expect(read == expected)
    #expect(read.hashValue == expected.hashValue)
    #expect(Probability(text: read.text) == expected, "and after being written again")
  }

  @Test(arguments: ["", "-0.1", "1.1", "x", "nan", "inf", "0.5 -j ACCEPT"]) func `is refused`(_ text: String) {
    #expect(Probability(text: text) == nil)
  }

  @Test func `every share of up to 2,000 comes back from the kernel's text`() {
    for denominator in 1...2000 {
      let probability = Probability(1, of: denominator)
      let saved = Probability(text: "\(probability.value)")
      #expect(saved == probability, "1 of \(denominator)")
      #expect(saved.flatMap { Probability(text: $0.text) } == probability, "1 of \(denominator)")
    }
  }
}
