import Glibc
import Synchronization
import System
import Time

/// Runs the daemon's parts concurrently until `stop` is called or a part fails. Then ends the parts one after the
/// other, the last one first.
final class PartGroup: Sendable {
  /// Parts that did not end in time.
  struct Overdue: Sendable {
    let names: [String]
    /// The failure that ended the group; nil after `stop`.
    let failure: (any Error)?
  }

  private struct State: Sendable {
    var isStopping = false
    var failure: (any Error)?
    var hasDeadline = false
    /// Indices of the parts that have ended.
    var ended: Set<Int> = []
  }

  private let parts: [DaemonPart]
  private let patience: Duration
  private let overdue: @Sendable (Overdue) -> Void
  private let state = Watched(State())

  /// - Parameters:
  ///   - patience: how long all parts together may take to end.
  ///   - overdue: called on a thread of its own if they take longer.
  init(_ parts: [DaemonPart], patience: Duration, overdue: @escaping @Sendable (Overdue) -> Void) {
    self.parts = parts
    self.patience = patience
    self.overdue = overdue
  }

  /// Ends the group. Any thread may call this at any time. The time limit starts now.
  func stop() {
    state.withLock { $0.isStopping = true }
    startDeadline()
  }

  /// Returns when all parts have ended.
  /// - Throws: the failure of the part that ended the group.
  func run() async throws {
    let tasks = parts.indices.map { number in Task { await run(number) } }
    // The cancellation of this task also ends the group.
    await state.until { $0.isStopping || $0.failure != nil }
    startDeadline()
    for task in tasks.reversed() {
      task.cancel()
      await task.value
    }
    if let failure = state.withLock({ $0.failure }) { throw failure }
  }

  private func run(_ number: Int) async {
    var failure: (any Error)?
    do {
      try await parts[number].run()
    } catch is CancellationError {
      // The part was cancelled. This is not a failure.
    } catch {
      failure = error
    }
    state.withLock { [failure] state in
      state.ended.insert(number)
      // A failure after the group began to end is a consequence of the end, so it is not reported.
      if state.failure == nil && !state.isStopping { state.failure = failure }
    }
  }

  /// Uses a thread of its own, because an overdue part may block the cooperative pool.
  private func startDeadline() {
    let isFirst = state.withLock { state in
      defer { state.hasDeadline = true }
      return !state.hasDeadline
    }
    guard isFirst else { return }
    let end = Moment.now().advanced(by: patience)
    do throws(SystemError) {
      try OwnThread.start("deadline") {
        // poll returns early if this thread handles a signal.
        while case let left = Moment.now().milliseconds(until: end), left > 0 { poll(nil, 0, left) }
        self.tellOverdue()
      }
    } catch {
      // Without the thread, a part that hangs would block the end forever. So give up the unfinished parts now.
      tellOverdue()
    }
  }

  private func tellOverdue() {
    let state = state.withLock { $0 }
    let names = parts.indices.filter { !state.ended.contains($0) }.map { parts[$0].name }
    if !names.isEmpty { overdue(Overdue(names: names, failure: state.failure)) }
  }
}
