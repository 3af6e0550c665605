import Synchronization

/// A value under a lock whose changes tasks can wait for: a condition variable for tasks.
///
/// Each wait ends exactly once, by what it waits for or by its task's cancellation, in whatever order these come. Several
/// tasks may wait; they are served in the order in which they came.
package final class Watched<State: Sendable>: Sendable {
  private struct Waiter: Sendable {
    let id: UInt64
    /// Takes what is waited for and resumes the task; false where it is not there yet.
    let attempt: @Sendable (inout State) -> Bool
    /// Resumes the task with nothing.
    let giveUp: @Sendable () -> Void
  }

  private struct Content: Sendable {
    var state: State
    var waiters: [Waiter] = []
    var lastID: UInt64 = 0
  }

  private let content: Mutex<Content>

  package init(_ state: State) { content = Mutex(Content(state: state)) }

  /// Reads or changes the state, and serves those who wait for the change. `body` must not block.
  @discardableResult
  package func withLock<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
    content.withLock { content in
      let result = body(&content.state)
      Watched.serve(&content)
      return result
    }
  }

  /// Waits until `take` returns something. It is asked at once and after each change, under the lock, and may change the
  /// state itself.
  /// - Returns: nil if the task was cancelled before.
  package func wait<Result: Sendable>(for take: @escaping @Sendable (inout State) -> Result?) async -> Result? {
    let id = content.withLock { content in
      content.lastID += 1
      return content.lastID
    }
    return await withTaskCancellationHandler {
      await register(id, isCancellable: true, take)
    } onCancel: {
      content.withLock { content in
        guard let index = content.waiters.firstIndex(where: { $0.id == id }) else { return }
        content.waiters.remove(at: index).giveUp()
      }
    }
  }

  /// The same for what is sure to come: the task's cancellation does not end it.
  @discardableResult
  package func waitAnyway<Result: Sendable>(for take: @escaping @Sendable (inout State) -> Result?) async -> Result {
    // Only a cancellable wait returns nil.
    await register(0, isCancellable: false, take)!
  }

  private func register<Result: Sendable>(
    _ id: UInt64, isCancellable: Bool, _ take: @escaping @Sendable (inout State) -> Result?
  ) async -> Result? {
    await withCheckedContinuation { (continuation: CheckedContinuation<Result?, Never>) in
      content.withLock { content in
        if let result = take(&content.state) {
          continuation.resume(returning: result)
          return Watched.serve(&content)
        }
        // The flag is set before the handler runs, which needs this lock: it cannot be missed by both.
        if isCancellable && Task.isCancelled { return continuation.resume(returning: nil) }
        content.waiters.append(
          Waiter(
            id: id,
            attempt: { state in
              guard let result = take(&state) else { return false }
              continuation.resume(returning: result)
              return true
            }, giveUp: { continuation.resume(returning: nil) }))
      }
    }
  }

  /// What one waiter takes may be what another waits for, so it goes on until nobody is served any more.
  private static func serve(_ content: inout Content) {
    var wasServed = true
    while wasServed && !content.waiters.isEmpty {
      var rest: [Waiter] = []
      for waiter in content.waiters where !waiter.attempt(&content.state) { rest.append(waiter) }
      wasServed = rest.count < content.waiters.count
      content.waiters = rest
    }
  }
}
