import System

/// Wakes one task for each signal; signals that nobody has waited for are one.
public final class WakeSignal: Sendable {
  private let isSignalled = Watched(false)

  public init() {}

  public func signal() { isSignalled.withLock { $0 = true } }

  /// Returns when there was a signal that no other wait has taken, or false when the task is cancelled.
  public func wait() async -> Bool {
    await isSignalled.wait { isSignalled in
      defer { isSignalled = false }
      return isSignalled ? true : nil
    } ?? false
  }

  /// The same with a deadline: returns when it has passed, too.
  public func wait(until deadline: Moment?, clock: any SyncClock) async {
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
