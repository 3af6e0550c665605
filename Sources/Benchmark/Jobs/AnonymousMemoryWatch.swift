import Synchronization
import System

/// Samples how much memory the process has allocated (`RssAnon`), because the kernel keeps no peak of this value.
final class AnonymousMemoryWatch: Sendable {
  private final class Flag: Sendable {
    let isSet = Mutex(false)
  }

  private let stopped: Flag
  private let task: Task<Double, any Error>

  /// Takes a sample every few milliseconds until it is stopped.
  init() {
    let stopped = Flag()
    self.stopped = stopped
    task = Task.detached {
      var peak = 0.0
      repeat {
        peak = max(peak, try MemoryJob.field("RssAnon", try TextFile.read("/proc/self/status")))
        try await Task.sleep(for: .milliseconds(2))
      } while !stopped.isSet.withLock { $0 }
      return peak
    }
  }

  /// The largest sample, in bytes.
  func stop() async throws -> Double {
    stopped.isSet.withLock { $0 = true }
    return try await task.value
  }
}
