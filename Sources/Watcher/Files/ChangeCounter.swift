import System

/// A counter that tasks can wait for.
package final class ChangeCounter: Sendable {
  private struct State: Sendable {
    var generation: UInt64 = 0
    var isFinished = false
  }

  private let state = Watched(State())

  package init() {}

  package var generation: UInt64 { state.withLock { $0.generation } }

  package func increment() { state.withLock { $0.generation += 1 } }

  /// From now on `changed` returns false at once.
  package func finish() { state.withLock { $0.isFinished = true } }

  /// Waits for a value other than `known`. Returns false if the task is cancelled or the counter is finished.
  package func changed(since known: UInt64) async -> Bool {
    // Without this check, a cancelled task would continue as long as there are changes.
    guard !Task.isCancelled else { return false }
    return await state.wait { state in
      if state.isFinished { return false }
      return state.generation != known ? true : nil
    } ?? false
  }
}
