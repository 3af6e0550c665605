import FoundationEssentials

/// All results of a run.
package struct BenchmarkResults: Sendable, Codable {
  package var machine: Machine
  package private(set) var measurements: [Measurement] = []
  /// The duration of the run.
  package var seconds = 0.0
  /// Sentences about what was not measured, and why.
  package internal(set) var notes: [String] = []

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

  /// Sorts the measurements by the order of a plan. The jobs may have run in another order.
  mutating func order(as jobs: [Job]) {
    var places: [Scenario: Int] = [:]
    for (place, job) in jobs.enumerated() where places[job.scenario] == nil { places[job.scenario] = place }
    let sorted = measurements.enumerated().sorted { left, right in
      let (first, second) = (places[left.element.scenario] ?? .max, places[right.element.scenario] ?? .max)
      return (first, left.offset) < (second, right.offset)
    }
    measurements = sorted.map(\.element)
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
  package var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }
}
