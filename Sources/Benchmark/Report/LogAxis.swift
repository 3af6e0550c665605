import Glibc

/// A logarithmic axis between two positions on a page.
struct LogAxis {
  /// The decimal logarithms of the ends of the axis. They enclose all values.
  let lower: Double
  let upper: Double
  let start: Double
  let end: Double

  /// - Parameters:
  ///   - values: values that are not positive are ignored.
  ///   - start: the position of the lower end, in the plot's units.
  init(values: [Double], from start: Double, to end: Double) {
    let positive = values.filter { $0 > 0 && $0.isFinite }
    let low = log10(positive.min() ?? 1)
    let high = log10(positive.max() ?? 1)
    // Adds some space on both sides. The axis covers at least nearly one decade.
    let air = max(0.06 * (high - low), 0.12)
    let middle = (low + high) / 2
    lower = min(low - air, middle - 0.45)
    upper = max(high + air, middle + 0.45)
    self.start = start
    self.end = end
  }

  /// A value below the axis, such as zero, is placed at the lower end.
  func place(_ value: Double) -> Double {
    start + (log10(max(value, pow(10, lower))) - lower) / (upper - lower) * (end - start)
  }

  /// Values at which a line is drawn and labelled: each decade, and values between if there are few decades.
  var ticks: [Double] {
    let decades = Int(floor(lower))...Int(ceil(upper))
    let steps: [Double] = upper - lower > 3.2 ? [1] : upper - lower > 1.4 ? [1, 3] : [1, 2, 5]
    return decades.flatMap { decade in steps.map { $0 * pow(10, Double(decade)) } }
      .filter { log10($0) >= lower - 1e-9 && log10($0) <= upper + 1e-9 }
  }
}

/// One line of a plot, or one row of a dot plot.
struct PlotSeries {
  struct Point {
    var x: Double
    var y: Double
    var low: Double
    var high: Double
    var label: String
  }

  var name: String
  /// The number of the colour on the page.
  var colour: Int
  var isDashed = false
  var points: [Point]
}
