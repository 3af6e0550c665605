import Synchronization

/// A value under a lock. Tasks can wait for its changes, as threads do with a condition variable.
///
/// Each wait ends exactly once: with a result or by the cancellation of its task, in any order of the two. Several
/// tasks may wait. They are served in the order in which they came.
///
/// A task is resumed only after the lock was released. To resume a task, the runtime takes a lock of that task. A
/// cancellation holds the same lock while its handler waits for the lock of this value, so the opposite order could end
/// in a deadlock.
package final class Watched<State: Sendable>: Sendable {
  private typealias Resumption = @Sendable () -> Void

  private struct Waiter: Sendable {
    let id: UInt64
    /// Takes the result and returns what resumes the task with it; nil if there is no result yet.
    let attempt: @Sendable (inout State) -> Resumption?
    /// Resumes the task without a result.
    let giveUp: Resumption
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
    let (result, resumptions) = content.withLock { content in
      let result = body(&content.state)
      return (result, Watched.serve(&content))
    }
    for resume in resumptions { resume() }
    return result
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
      let waiter = content.withLock { content in
        content.waiters.firstIndex { $0.id == id }.map { content.waiters.remove(at: $0) }
      }
      waiter?.giveUp()
    }
  }

  /// Waits until the state is as wanted.
  /// - Returns: false if the task was cancelled before.
  @discardableResult
  package func until(_ isAsWanted: @escaping @Sendable (State) -> Bool) async -> Bool {
    await wait { isAsWanted($0) ? true : nil } ?? false
  }

  /// Like `wait`, for a result that always comes. A cancellation of the task does not end the wait.
  @discardableResult
  package func waitAnyway<Result: Sendable>(for take: @escaping @Sendable (inout State) -> Result?) async -> Result {
    // Only a cancellable wait returns nil.
    await register(0, isCancellable: false, take)!
  }

  private func register<Result: Sendable>(
    _ id: UInt64, isCancellable: Bool, _ take: @escaping @Sendable (inout State) -> Result?
  ) async -> Result? {
    await withCheckedContinuation { (continuation: CheckedContinuation<Result?, Never>) in
      let giveUp: Resumption = { continuation.resume(returning: nil) }
      let attempt: @Sendable (inout State) -> Resumption? = { state in
        guard let result = take(&state) else { return nil }
        return { continuation.resume(returning: result) }
      }
      let resumptions: [Resumption] = content.withLock { content in
        if let resumption = attempt(&content.state) { return [resumption] + Watched.serve(&content) }
        // A cancellation sets the flag before it runs the handler, and the handler needs this lock. So either this
        // check sees the flag, or the handler finds the waiter.
        if isCancellable && Task.isCancelled { return [giveUp] }
        content.waiters.append(Waiter(id: id, attempt: attempt, giveUp: giveUp))
        return []
      }
      for resume in resumptions { resume() }
    }
  }

  /// A waiter may change the state so that another waiter gets its result. So repeat until no waiter is served.
  /// - Returns: what resumes the served tasks. The caller must run it when it no longer has the lock.
  private static func serve(_ content: inout Content) -> [Resumption] {
    var resumptions: [Resumption] = []
    var wasServed = true
    while wasServed && !content.waiters.isEmpty {
      var rest: [Waiter] = []
      for waiter in content.waiters {
        if let resumption = waiter.attempt(&content.state) {
          resumptions.append(resumption)
        } else {
          rest.append(waiter)
        }
      }
      wasServed = rest.count < content.waiters.count
      content.waiters = rest
    }
    return resumptions
  }
}
