import Glibc
import Threading

/// Makes one page after the other, on a thread of its own that gives way to all others.
///
/// A page of a large cluster takes long enough to be felt. On the cooperative pool, with as many threads as cores, it would
/// hold up syncs, and many clients at once would hold them up many times as long.
actor PageTurns {
  private var last: Task<Void, Never>?

  /// Runs `body` when all before it are done. What it does in `compute` is off the pool.
  func take<Page: Sendable>(_ body: @escaping @Sendable () async -> Page) async -> Page {
    let before = last
    let turn = Task {
      await before?.value
      return await body()
    }
    last = Task { _ = await turn.value }
    return await turn.value
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
