import Applier
import ServiceModel
import System
import Time

/// Runs iptables-restore alone on prepared input. This is the cost of the kernel and of iptables-restore, which is a
/// lower limit for the proxy.
enum PlainRestore {
  struct Cost {
    var time: Double
    var peakMemory: Double
  }

  /// Runs one process after the other, in the calling thread's namespace.
  static func run(_ scenario: Scenario, _ parts: [MemoryFile]) throws -> Cost {
    try parts.reduce(into: Cost(time: 0, peakMemory: 0)) { total, part in
      let cost = try run(scenario, part)
      total.time += cost.time
      total.peakMemory = max(total.peakMemory, cost.peakMemory)
    }
  }

  /// Runs one process, in the calling thread's namespace.
  static func run(_ scenario: Scenario, _ input: MemoryFile) throws -> Cost {
    guard let command = IPTablesPrograms(scenario.backend).restoreCommandLine(scenario.family) else {
      throw BenchmarkError.unusable("no iptables-restore for backend \(scenario.backend.rawValue)")
    }
    try input.rewind()
    let end = try Program(command).succeed(input: input)
    return Cost(time: end.time.inSeconds, peakMemory: Double(end.peakMemory))
  }
}

/// A clock for the parts of a measurement.
struct Stopwatch {
  private var start = Moment.now()

  /// The seconds since the last lap, or since the start.
  var elapsed: Double { start.duration(to: .now()).inSeconds }

  /// The seconds since the last call, or since the start.
  mutating func lap() -> Double {
    let now = Moment.now()
    defer { start = now }
    return start.duration(to: now).inSeconds
  }
}
