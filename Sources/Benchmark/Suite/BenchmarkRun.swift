import FoundationEssentials
import Glibc
import System
import Time

/// Runs jobs one after the other, each in its own process and network namespace.
package struct BenchmarkRun {
  private let plan: BenchmarkPlan
  private let progress: ProgressLine
  /// The arguments with which a child process runs the job that is in its environment.
  private let childArguments: [String]
  /// Seconds after which nothing is measured any more.
  private let limit: Double?

  /// - Parameters:
  ///   - childArguments: arguments with which this program calls ``runJob()``.
  ///   - budget: the time that the run may take. Jobs that do not fit are left out, and the results name them.
  package init(
    _ plan: BenchmarkPlan, childArguments: [String], budget: Duration? = nil, showsProgress: Bool = isatty(2) == 1
  ) {
    self.plan = plan
    self.childArguments = childArguments
    limit = budget?.inSeconds
    progress = ProgressLine(isShown: showsProgress, total: plan.jobs.count)
  }

  /// Blocks until all jobs are done, or the time is up.
  package func run() throws -> BenchmarkResults {
    guard geteuid() == 0 else { throw BenchmarkError.unusable("network namespaces and iptables need root") }
    let watch = Stopwatch()
    var results = BenchmarkResults(machine: Machine.current())
    defer { progress.finish() }
    var budget = TimeBudget(limit: limit ?? .infinity)
    var omissions = Omissions()
    let jobs = limit == nil ? plan.jobs : JobOrder.byWorth(plan.jobs)
    for (number, planned) in jobs.enumerated() {
      let start = watch.elapsed
      let shares = planned.kind == .program ? jobs.count - number : 1
      guard var job = limit == nil ? planned : budget.fit(planned, used: start, shares: shares) else {
        omissions.noteOmitted(planned)
        continue
      }
      if let limit { job.seconds = (limit - start) / Double(shares) }
      progress.show(number, job.title)
      guard let result = try run(job) else {
        omissions.noteOmitted(planned)
        continue
      }
      for measurement in result.measurements { results.add(measurement) }
      if let note = result.note { results.notes.append(note) }
      budget.note(job, took: watch.elapsed - start)
      omissions.noteDone(job, of: planned)
    }
    results.order(as: plan.jobs)
    if let limit { results.notes += omissions.notes(limit: limit) }
    results.seconds = watch.elapsed
    return results
  }

  /// nil if the job's time was up before it was done.
  private func run(_ job: Job) throws -> JobResult? {
    let output = try MemoryFile("measurements")
    let description = String(decoding: try JSONEncoder().encode(job), as: UTF8.self)
    // All namespaces share the lock file of legacy iptables. With its own file, the job does not wait for other
    // programs.
    let lock = "/run/swift-kube-proxy-bench-\(getpid()).lock"
    defer { unlink(lock) }
    let child = Program(
      ["/proc/self/exe"] + childArguments,
      environment: [BenchmarkRun.jobVariable: description, "XTABLES_LOCKFILE": lock])
    // A job that runs a program observes its time limit itself. If the job were killed, the program would continue.
    let seconds = job.kind == .program ? nil : job.seconds
    guard try OwnNamespace.run({ try child.succeed(output: output, within: seconds) }) != nil else { return nil }
    return try JSONDecoder().decode(JobResult.self, from: Data(try output.written()))
  }

  /// The environment variable with the job of a child.
  private static let jobVariable = "SWIFT_KUBE_PROXY_BENCH_JOB"

  /// Whether this process is a child that runs a job.
  package static var isChild: Bool { getenv(jobVariable) != nil }

  /// Runs the job in a child, and writes its measurements to standard output.
  ///
  /// - Throws: `BenchmarkError.hostNamespace` unless the process has its own network namespace.
  package static func runJob() async throws {
    guard let text = getenv(jobVariable) else { throw BenchmarkError.unusable("no job") }
    try OwnNamespace.requireOwn()
    let job = try JSONDecoder().decode(Job.self, from: Data(String(cString: text).utf8))
    // Processes that this process starts must not read the job.
    unsetenv(jobVariable)
    let result = try await job.run()
    var bytes = [UInt8](try JSONEncoder().encode(result))[...]
    while !bytes.isEmpty {
      bytes = bytes.dropFirst(
        try SystemError.check(bytes.withUnsafeBytes { write(1, $0.baseAddress, $0.count) }, "write"))
    }
  }
}

/// One line on a terminal that names the current measurement.
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
    // If the progress line cannot be written, the benchmark continues.
    _ = text.utf8.withContiguousStorageIfAvailable { Glibc.write(2, $0.baseAddress, $0.count) }
  }
}
