import FoundationEssentials

/// All results of a run.
public struct BenchmarkResults: Sendable, Codable {
  public var machine: Machine
  public private(set) var measurements: [Measurement] = []
  /// The duration of the run.
  public var seconds = 0.0

  init(machine: Machine) { self.machine = machine }

  /// Joins samples of the same quantity and scenario.
  mutating func add(_ measurement: Measurement) {
    let same = measurements.firstIndex {
      $0.scenario == measurement.scenario && $0.quantity == measurement.quantity
    }
    if let same {
      measurements[same].samples += measurement.samples
    } else {
      measurements.append(measurement)
    }
  }

  /// Statistics of a quantity; nil if it was not measured.
  func statistics(_ quantity: Quantity, _ scenario: Scenario) -> Statistics? {
    measurements.first { $0.quantity == quantity && $0.scenario == scenario }?.statistics
  }

  /// The median of one quantity divided by that of another.
  func ratio(_ dividend: Quantity, _ divisor: Quantity, _ scenario: Scenario) -> Double? {
    guard let top = statistics(dividend, scenario)?.median, let bottom = statistics(divisor, scenario)?.median else {
      return nil
    }
    return top / bottom
  }

  /// Scenarios for which any of these quantities was measured, in the order of the run.
  func scenarios(with quantities: [Quantity]) -> [Scenario] {
    var seen: Set<Scenario> = []
    return measurements.filter { quantities.contains($0.quantity) }.map(\.scenario).filter { seen.insert($0).inserted }
  }

  /// Machine, samples and statistics as JSON, for other programs.
  public var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }
}
