import FoundationEssentials
import Glibc

/// Runs jobs one after the other, each in a process and a network namespace of its own.
public struct BenchmarkRun {
  private let plan: BenchmarkPlan
  private let progress: ProgressLine
  /// The words after the program's own name that make it run the job in its environment.
  private let childArguments: [String]

  /// - Parameter childArguments: words that bring this very program to ``runJob()``.
  public init(_ plan: BenchmarkPlan, childArguments: [String], showsProgress: Bool = isatty(2) == 1) {
    self.plan = plan
    self.childArguments = childArguments
    progress = ProgressLine(isShown: showsProgress, total: plan.jobs.count)
  }

  /// Blocks until all is measured.
  public func run() throws -> BenchmarkResults {
    guard geteuid() == 0 else { throw BenchmarkError.unusable("network namespaces and iptables need root") }
    var watch = Stopwatch()
    var results = BenchmarkResults(machine: Machine.current())
    defer { progress.finish() }
    for (number, job) in plan.jobs.enumerated() {
      progress.show(number, job.title)
      for measurement in try run(job) { results.add(measurement) }
    }
    results.seconds = watch.lap()
    return results
  }

  private func run(_ job: Job) throws -> [Measurement] {
    let output = try MemoryFile("measurements")
    let description = String(decoding: try JSONEncoder().encode(job), as: UTF8.self)
    // The lock of legacy iptables is a file that all namespaces share: with another one nobody waits for anybody.
    let lock = "/run/swift-kube-proxy-bench-\(getpid()).lock"
    defer { unlink(lock) }
    let child = ChildProcess(
      arguments: ["/proc/self/exe"] + childArguments,
      environment: [BenchmarkRun.jobVariable: description, "XTABLES_LOCKFILE": lock], output: output.descriptor)
    try OwnNamespace.run { _ = try child.succeed() }
    return try JSONDecoder().decode([Measurement].self, from: Data(try output.readAll().utf8))
  }

  /// Where a child finds its job.
  private static let jobVariable = "SWIFT_KUBE_PROXY_BENCH_JOB"

  /// Whether this process is such a child.
  public static var isChild: Bool { getenv(jobVariable) != nil }

  /// In a child: does the job, and writes what it measured to standard output.
  ///
  /// - Throws: `BenchmarkError.hostNamespace` unless the process is in a network namespace of its own.
  public static func runJob() async throws {
    guard let text = getenv(jobVariable) else { throw BenchmarkError.unusable("no job") }
    try OwnNamespace.requireOwn()
    let job = try JSONDecoder().decode(Job.self, from: Data(String(cString: text).utf8))
    // The process's own children shall not take themselves for the same.
    unsetenv(jobVariable)
    let measurements = try await job.run()
    var bytes = [UInt8](try JSONEncoder().encode(measurements))[...]
    while !bytes.isEmpty {
      bytes = bytes.dropFirst(try check(bytes.withUnsafeBytes { write(1, $0.baseAddress, $0.count) }, "write"))
    }
  }
}

/// One line on a terminal that says what is being measured.
final class ProgressLine {
  private let isShown: Bool
  private let total: Int

  init(isShown: Bool, total: Int) {
    self.isShown = isShown
    self.total = total
  }

  func show(_ number: Int, _ title: String) { print("\r\u{1b}[K[\(number + 1)/\(total)] \(title)") }

  func finish() { print("\r\u{1b}[K") }

  private func print(_ text: String) {
    guard isShown else { return }
    // A progress line that cannot be written is not worth a failure.
    _ = text.utf8.withContiguousStorageIfAvailable { Glibc.write(2, $0.baseAddress, $0.count) }
  }
}
