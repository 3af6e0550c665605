import Applier
import Glibc
import System

/// What a process and the programs that it starts have cost so far, as the kernel counts it.
struct ProgramCost: Equatable {
  /// Seconds of processor time, including that of children that have ended.
  var processorTime: Double
  /// Commits to nf_tables in its network namespace; nil if they are not counted.
  var commits: Int?
  /// Programs that it and its descendants executed, without itself; nil if the kernel refused the counter.
  var programs: Int?

  /// The cost since `start`.
  func since(_ start: ProgramCost) -> ProgramCost {
    ProgramCost(
      processorTime: processorTime - start.processorTime,
      commits: commits.flatMap { now in start.commits.map { now - $0 } },
      programs: programs.flatMap { now in start.programs.map { now - $0 } })
  }
}

/// Reads the kernel's counters about a program.
struct ProgramGauges: Sendable {
  private let pid: pid_t
  private let generation: NFTablesGeneration?
  private let executions: ExecutionCounter?

  /// - Parameters:
  ///   - generation: nil for a backend whose commits are not counted.
  ///   - executions: made by the thread that started the program, before the start.
  init(pid: pid_t, generation: NFTablesGeneration?, executions: ExecutionCounter?) {
    self.pid = pid
    self.generation = generation
    self.executions = executions
  }

  func cost() throws -> ProgramCost {
    ProgramCost(
      processorTime: try ProgramGauges.processorTime(TextFile.read("/proc/\(pid)/stat")),
      commits: try generation.map { Int(try $0.current()) }, programs: try executions.map { try $0.count() - 1 })
  }

  /// A field of /proc/PID/status such as VmRSS, in bytes.
  func memory(_ field: String) throws -> Double {
    try MemoryJob.field(field, TextFile.read("/proc/\(pid)/status"))
  }

  /// utime, stime, cutime and cstime of proc(5), in seconds.
  static func processorTime(_ stat: String) throws(BenchmarkError) -> Double {
    // The program's name, in parentheses, may hold anything.
    guard let name = stat.lastIndex(of: ")") else { throw .unusable("/proc/PID/stat has no name in it") }
    let fields = stat[name...].split(whereSeparator: \.isWhitespace)
    // The closing parenthesis is field 2 of proc(5), utime field 14.
    let times = fields.dropFirst(12).prefix(4).compactMap { Double($0) }
    guard times.count == 4 else { throw .unusable("/proc/PID/stat has no times in it") }
    return times.reduce(0, +) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }
}
