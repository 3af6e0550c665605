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

/// The clock that paces syncs.
public protocol SyncClock: Sendable {
  func now() -> Moment
  /// Returns when `moment` has come or the task is cancelled.
  func sleep(until moment: Moment) async
}

/// The system's clock.
public struct SystemClock: SyncClock {
  public init() {}
  public func now() -> Moment { Moment.now() }
  public func sleep(until moment: Moment) async {
    let duration = now().duration(to: moment)
    // Ends early only when cancelled, which is what the caller looks at.
    if duration > .zero { try? await Task.sleep(for: duration) }
  }
}
