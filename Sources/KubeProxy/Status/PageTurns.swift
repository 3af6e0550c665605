import Glibc
import System

/// Makes one page after the other, on a thread of its own that gives way to all others.
///
/// A page of a large cluster takes long enough to be felt. On the cooperative pool, with as many threads as cores, it would
/// hold up syncs, and many clients at once would hold them up many times as long. So few may wait for their turn, and one
/// whose client has left does not take it.
final class PageTurns: Sendable {
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

  /// - Parameter limit: pages that may wait while one is made.
  init(limit: Int = 8) { self.limit = limit }

  /// Returns when this many pages wait for their turn.
  func waitUntil(waiting count: Int) async { await state.waitAnyway { $0.waiting == count ? true : nil } }

  /// Runs `body` when it is its turn. What it does in `compute` is off the pool.
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

  /// Work without a wait in it.
  static func compute<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result {
    await OwnThread.runAnyway("status page") {
      // Linux counts niceness by thread. Where it is refused the page is as important as all else.
      _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
      return work()
    }
  }
}
