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

  init(_ gauges: ProgramGauges) throws {
    try OwnThread.start("memory") { [self] in
      repeat {
        // A process that has ended has no memory.
        let size = (try? gauges.memory("RssAnon")) ?? 0
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
