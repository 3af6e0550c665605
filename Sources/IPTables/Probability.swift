/// The probability of a `-m statistic --mode random` match, with the kernel's resolution of 2^-31.
///
/// Two probabilities are equal if the kernel stores the same number for both.
package struct Probability: Hashable, Sendable {
  /// In units of 2^-31, 0...2^31.
  package let ticks: UInt32
  /// In units of 10^-10 if the rule is written with ten digits; nil if it was read from a kernel.
  let decimal: UInt64?

  /// `numerator` of `denominator`, written with ten digits as kube-proxy does.
  package init(_ numerator: Int, of denominator: Int) {
    precondition(0 <= numerator && numerator <= denominator && denominator > 0)
    let decimal = UInt64((Double(numerator) / Double(denominator) * 1e10).rounded())
    self.decimal = decimal
    ticks = Probability.ticks(Double(decimal) / 1e10)
  }

  /// A number from a rule, with any number of digits; nil if it is outside of 0...1.
  init?(text: some StringProtocol) {
    guard let value = Double(String(text)), (0...1).contains(value) else { return nil }
    // `0.3333333333`, as kube-proxy writes it. Other texts of this length, such as `1.23456789e-5`, may be more
    // precise.
    let isDecimal =
      text.utf8.count == 12 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
    decimal = isDecimal ? UInt64((value * 1e10).rounded()) : nil
    ticks = Probability.ticks(value)
  }

  package var value: Double { Double(ticks) / 0x1p31 }

  private static func ticks(_ value: Double) -> UInt32 { UInt32((value * 0x1p31).rounded(.toNearestOrEven)) }

  /// Ten digits if the rule was written with ten, otherwise eleven as iptables-save prints it.
  var text: String {
    func pad(_ value: UInt64, _ digits: Int) -> String {
      let scale = digits == 10 ? UInt64(10_000_000_000) : 100_000_000_000
      let fraction = String(value % scale)
      return "\(value / scale)." + String(repeating: "0", count: digits - fraction.count) + fraction
    }
    if let decimal { return pad(decimal, 10) }
    return pad(UInt64((value * 1e11).rounded()), 11)
  }

  package static func == (left: Probability, right: Probability) -> Bool { left.ticks == right.ticks }
  package func hash(into hasher: inout Hasher) { hasher.combine(ticks) }
}
