import CBenchmark
import Glibc
import System

/// Counts how many programs are executed by the processes that the calling thread starts from now on, and by their
/// descendants.
///
/// The kernel counts them (perf_event_open(2), tracepoint `sched:sched_process_exec`, inherited by children), so that a
/// process that lives for a millisecond is not missed.
final class ExecutionCounter: Sendable {
  private let counter: Descriptor

  /// nil if the kernel refuses such a counter, for example in a container without the privilege.
  init?() {
    guard let number = ExecutionCounter.tracepoint() else { return nil }
    let descriptor = skp_count_tracepoint(number)
    guard descriptor >= 0 else { return nil }
    counter = Descriptor(owning: descriptor)
  }

  func count() throws -> Int {
    var count: UInt64 = 0
    let size = try SystemError.check(read(counter.number, &count, 8), "read a counter of executed programs")
    guard size == 8 else { throw BenchmarkError.unusable("the counter of executed programs gave \(size) bytes") }
    return Int(count)
  }

  private static let file = "events/sched/sched_process_exec/id"

  /// The number that the running kernel has given to the tracepoint.
  private static func tracepoint() -> UInt64? {
    for folder in ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"] {
      if let number = number("\(folder)/\(file)") { return number }
    }
    return (try? OwnNamespace.run { mountedTracepoint() }) ?? nil
  }

  /// From a tracefs that only the calling thread sees, where the system has not mounted one.
  private static func mountedTracepoint() -> UInt64? {
    guard unshare(SKP_CLONE_NEWNS) == 0, skp_mount_private_tracefs("/sys/kernel/tracing") == 0 else { return nil }
    return number("/sys/kernel/tracing/\(file)")
  }

  private static func number(_ path: String) -> UInt64? {
    (try? TextFile.read(path)).flatMap { UInt64($0.prefix { $0.isNumber }) }
  }
}
