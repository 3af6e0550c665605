import System
import Time

/// Wakes one waiting task for each signal. Several signals count as one until a task waits.
package final class WakeSignal: Sendable {
  private let isSignalled = Watched(false)

  package init() {}

  package func signal() { isSignalled.withLock { $0 = true } }

  /// Returns true after a signal that no other wait has taken, or false when the task is cancelled.
  package func wait() async -> Bool {
    await isSignalled.wait { isSignalled in
      defer { isSignalled = false }
      return isSignalled ? true : nil
    } ?? false
  }

  /// The same with a deadline: also returns when the deadline has passed.
  package func wait(until deadline: Moment?, clock: any MomentClock) async {
    guard let deadline else {
      _ = await wait()
      return
    }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { _ = await self.wait() }
      group.addTask { await clock.sleep(until: deadline) }
      await group.next()
      group.cancelAll()
    }
  }
}
