import Dispatch
import Glibc
import Synchronization
import System

/// Samples how much memory a process has allocated (RssAnon), every few milliseconds. The kernel keeps a peak of all
/// resident memory (VmHWM), but no peak of this part.
final class PeakMemory: Sendable {
  private let peak = Mutex(0.0)
  private let stop = DispatchSemaphore(value: 0)
  private let stopped = DispatchSemaphore(value: 0)
  private static let interval = 0.005

  /// - Parameter process: the name of the process under /proc, such as its process ID or `self`.
  init(of process: String) throws {
    try OwnThread.start("memory") { [self] in
      repeat {
        // A process that has ended has no memory.
        let status = try? TextFile.read("/proc/\(process)/status")
        let size = status.flatMap { try? MemoryJob.field("RssAnon", $0) } ?? 0
        peak.withLock { $0 = max($0, size) }
      } while stop.wait(timeout: .now() + PeakMemory.interval) == .timedOut
      stopped.signal()
    }
  }

  /// Ends the sampling. Returns the largest sample in bytes. Call this once.
  func finish() -> Double {
    stop.signal()
    stopped.wait()
    return peak.withLock { $0 }
  }
}
