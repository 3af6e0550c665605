import Applier
import ServiceModel
import System

/// iptables-restore by itself on input that is there already: what the kernel and the program cost, the floor of
/// whatever this proxy does.
enum PlainRestore {
  struct Cost {
    var time: Double
    var peakMemory: Double
  }

  /// Runs it in the calling thread's namespace, one process after the other.
  static func run(_ scenario: Scenario, _ parts: [MemoryFile]) throws -> Cost {
    try parts.reduce(into: Cost(time: 0, peakMemory: 0)) { total, part in
      let cost = try run(scenario, part)
      total.time += cost.time
      total.peakMemory = max(total.peakMemory, cost.peakMemory)
    }
  }

  /// Runs it in the calling thread's namespace.
  static func run(_ scenario: Scenario, _ input: MemoryFile) throws -> Cost {
    guard let command = IPTablesPrograms(scenario.backend).restoreCommandLine(scenario.family) else {
      throw BenchmarkError.unusable("no iptables-restore for backend \(scenario.backend.rawValue)")
    }
    try input.rewind()
    let end = try Program(command).succeed(input: input)
    return Cost(time: end.time.seconds, peakMemory: Double(end.peakMemory))
  }
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

/// A clock for parts of a measurement.
struct Stopwatch {
  private let clock = ContinuousClock()
  private var start: ContinuousClock.Instant

  init() { start = clock.now }

  /// Seconds since it was made or last asked for a lap.
  var elapsed: Double { (clock.now - start).seconds }

  /// Seconds since it was made or last asked.
  mutating func lap() -> Double {
    let now = clock.now
    defer { start = now }
    return (now - start).seconds
  }
}
