import Dispatch
import Synchronization
import System

/// Kills a process when its time is up, unless somebody cancels that before.
///
/// What the process has started is left alone: an iptables-restore ends by itself, in a network namespace that is gone
/// with it.
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

  /// Returns whether it has killed the process. To be called once.
  func cancel() -> Bool {
    cancelled.signal()
    stopped.wait()
    return hasKilled.withLock { $0 }
  }
}
