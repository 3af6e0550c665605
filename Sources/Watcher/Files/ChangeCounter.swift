import Synchronization

/// A number that counts up, and that one task at a time can wait for.
final class ChangeCounter: Sendable {
  private struct State {
    var generation: UInt64 = 0
    var isFinished = false
    var waiter: CheckedContinuation<Bool, Never>?
  }

  private let state = Mutex(State())

  var generation: UInt64 { state.withLock { $0.generation } }

  func increment() { wake { $0.generation += 1 } }

  /// From now on nobody waits.
  func finish() { wake { $0.isFinished = true } }

  /// Returns false when the task is cancelled or the counter finished.
  func changed(since known: UInt64) async -> Bool {
    await withTaskCancellationHandler {
      await withCheckedContinuation { (waiter: CheckedContinuation<Bool, Never>) in
        state.withLock { state in
          if state.isFinished {
            waiter.resume(returning: false)
          } else if state.generation != known {
            waiter.resume(returning: true)
          } else {
            precondition(state.waiter == nil, "only one task may wait")
            state.waiter = waiter
          }
        }
      }
    } onCancel: {
      finish()
    }
  }

  private func wake(_ change: (inout State) -> Void) {
    state.withLock { state in
      change(&state)
      state.waiter?.resume(returning: !state.isFinished)
      state.waiter = nil
    }
  }
}
