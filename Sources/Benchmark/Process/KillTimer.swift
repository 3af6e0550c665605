import Dispatch
import Synchronization
import System

/// Kills a process when its time is up, unless `cancel` is called before.
///
/// Processes that it has started are not killed. An iptables-restore ends by itself, and the network namespace
/// disappears with its last process.
final class KillTimer: Sendable {
  private let cancelled = DispatchSemaphore(value: 0)
  private let stopped = DispatchSemaphore(value: 0)
  private let hasKilled = Mutex(false)

  init(_ child: ChildProcess, seconds: Double) throws {
    try OwnThread.start("kill timer") { [self] in
      if cancelled.wait(timeout: .now() + max(0, seconds)) == .timedOut {
        hasKilled.withLock { $0 = true }
        child.kill()
      }
      stopped.signal()
    }
  }

  /// Returns whether the timer has killed the process. Call this once.
  func cancel() -> Bool {
    cancelled.signal()
    stopped.wait()
    return hasKilled.withLock { $0 }
  }
}
