import Synchronization

/// A value under a lock. Tasks can wait for its changes, as threads do with a condition variable.
///
/// Each wait ends exactly once: with a result or by the cancellation of its task, in any order of the two. Several
/// tasks may wait. They are served in the order in which they came.
package final class Watched<State: Sendable>: Sendable {
  private struct Waiter: Sendable {
    let id: UInt64
    /// Takes the result and resumes the task; false if there is no result yet.
    let attempt: @Sendable (inout State) -> Bool
    /// Resumes the task without a result.
    let giveUp: @Sendable () -> Void
  }

  private struct Content: Sendable {
    var state: State
    var waiters: [Waiter] = []
    var lastID: UInt64 = 0
  }

  private let content: Mutex<Content>

  package init(_ state: State) { content = Mutex(Content(state: state)) }

  /// Reads or changes the state, then serves the tasks that wait for the change. `body` must not block.
  @discardableResult
  package func withLock<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
    content.withLock { content in
      let result = body(&content.state)
      Watched.serve(&content)
      return result
    }
  }

  /// Waits until `take` returns a value. `take` is called at once and after each change, under the lock. It may change
  /// the state.
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

  /// The same for a result that is sure to come. A cancellation of the task does not end the wait.
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
        // A cancellation sets the flag before it runs the handler, and the handler needs this lock. So either this
        // check sees the flag, or the handler finds the waiter.
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

  /// A waiter may change the state so that another waiter gets its result. So repeat until no waiter is served.
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
