import Synchronization

/// Wakes one waiting task. A signal without a waiter is kept, several are one.
public final class WakeSignal: Sendable {
  private struct State {
    var isSignalled = false
    var waiter: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  public init() {}

  public func signal() {
    state.withLock { state in
      state.isSignalled = true
      state.waiter?.resume()
      state.waiter = nil
    }
  }

  /// Returns when there was a signal since the last `wait`, when `deadline` has passed, or when the task is cancelled.
  public func wait(until deadline: Moment?, clock: any SyncClock) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.waitForSignal() }
      if let deadline { group.addTask { await clock.sleep(until: deadline) } }
      await group.next()
      group.cancelAll()
    }
    state.withLock { $0.isSignalled = false }
  }

  private func waitForSignal() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        state.withLock { state in
          if state.isSignalled || Task.isCancelled { return continuation.resume() }
          state.waiter = continuation
        }
      }
    } onCancel: {
      state.withLock { state in
        state.waiter?.resume()
        state.waiter = nil
      }
    }
  }
}
