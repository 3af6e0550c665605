import System

/// Makes one status page at a time, on a thread with low priority.
///
/// A page of a large cluster needs much CPU time. The cooperative pool has one thread per core, so a page made there
/// would delay syncs, and many clients would delay them many times as long. Therefore only a few requests may wait, and
/// a request whose client has closed the connection is dropped.
package final class PageQueue: Sendable {
  enum Outcome<Page: Sendable>: Sendable {
    case made(Page)
    /// Too many pages were waiting already.
    case refused
    /// The task was cancelled before the page was made.
    case cancelled
  }

  private struct State: Sendable {
    var isBusy = false
    var waiting = 0
  }

  private let state = Watched(State())
  private let limit: Int

  /// - Parameter limit: number of pages that may wait while one is made.
  package init(limit: Int = 8) { self.limit = limit }

  /// Returns when exactly this many requests wait, or when the task is cancelled. For tests.
  func waitUntil(waiting count: Int) async { await state.until { $0.waiting == count } }

  /// Runs `body` when no other page is being made. `body` does its long computations in `compute`, off the pool.
  func take<Page: Sendable>(_ body: @Sendable () async -> Page) async -> Outcome<Page> {
    let limit = limit
    let isAdmitted = state.withLock { state in
      guard state.waiting < limit else { return false }
      state.waiting += 1
      return true
    }
    guard isAdmitted else { return .refused }
    let turn: Bool? = await state.wait { state in
      guard !state.isBusy else { return nil }
      state.isBusy = true
      state.waiting -= 1
      return true
    }
    guard turn != nil else {
      state.withLock { $0.waiting -= 1 }
      return .cancelled
    }
    defer { state.withLock { $0.isBusy = false } }
    guard !Task.isCancelled else { return .cancelled }
    return .made(await body())
  }

  /// Runs `work` on a thread outside of the cooperative pool. `work` must not wait for anything.
  package static func compute<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result {
    await OwnThread.runAnyway("status page", priority: .low, work)
  }
}
