import Glibc

/// The distribution of a sum of squared deviations from equal shares.
enum ChiSquared {
  /// The sum for these counts, all of which should be the same.
  static func deviation(of counts: [Int]) -> Double {
    let expected = Double(counts.reduce(0, +)) / Double(counts.count)
    return counts.reduce(0.0) { sum, count in
      let difference = Double(count) - expected
      return sum + difference * difference / expected
    }
  }

  /// The value that the sum exceeds less than once in a million times, by the approximation of Wilson and Hilferty.
  static func bound(degreesOfFreedom: Int) -> Double {
    let freedom = Double(degreesOfFreedom)
    let quantileOfNormal = 4.7534
    let share = 2 / (9 * freedom)
    return freedom * pow(1 - share + quantileOfNormal * share.squareRoot(), 3)
  }
}
