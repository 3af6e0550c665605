import System

/// A number that counts up, and that tasks can wait for.
final class ChangeCounter: Sendable {
  private struct State: Sendable {
    var generation: UInt64 = 0
    var isFinished = false
  }

  private let state = Watched(State())

  var generation: UInt64 { state.withLock { $0.generation } }

  func increment() { state.withLock { $0.generation += 1 } }

  /// From now on nobody waits.
  func finish() { state.withLock { $0.isFinished = true } }

  /// Returns false when the task is cancelled or the counter finished.
  func changed(since known: UInt64) async -> Bool {
    // Else a cancelled task would go on for as long as there are changes.
    guard !Task.isCancelled else { return false }
    return await state.wait { state in
      if state.isFinished { return false }
      return state.generation != known ? true : nil
    } ?? false
  }
}
