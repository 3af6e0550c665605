import Glibc
import Synchronization
import System

/// Runs the daemon's parts side by side until it is told to stop or one of them fails, and then ends them one after the
/// other, the last one first.
final class PartGroup: Sendable {
  /// Parts that did not end in time.
  struct Overdue: Sendable {
    let names: [String]
    /// The failure that ended the group; nil if it was told to stop.
    let failure: (any Error)?
  }

  private struct State: Sendable {
    var isStopping = false
    var failure: (any Error)?
    var hasDeadline = false
    /// By number.
    var ended: Set<Int> = []
  }

  private let parts: [DaemonPart]
  private let patience: Duration
  private let overdue: @Sendable (Overdue) -> Void
  private let state = Watched(State())

  /// - Parameters:
  ///   - patience: how long all parts together may take to end.
  ///   - overdue: is called on a thread of its own if they take longer.
  init(_ parts: [DaemonPart], patience: Duration, overdue: @escaping @Sendable (Overdue) -> Void) {
    self.parts = parts
    self.patience = patience
    self.overdue = overdue
  }

  /// Ends the group. For any thread, at any time; the time limit begins here.
  func stop() {
    state.withLock { $0.isStopping = true }
    startDeadline()
  }

  /// Returns when all parts have ended.
  /// - Throws: the failure of the part that ended the group.
  func run() async throws {
    let tasks = parts.indices.map { number in Task { await run(number) } }
    // The cancellation of this task is another way to be told to stop.
    _ = await state.wait { $0.isStopping || $0.failure != nil ? true : nil }
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
      // It was told to end.
    } catch {
      failure = error
    }
    state.withLock { [failure] state in
      state.ended.insert(number)
      // The failure of a part that is being ended tells nothing new.
      if state.failure == nil && !state.isStopping { state.failure = failure }
    }
  }

  /// On a thread of its own: the cooperative pool may be busy with what takes too long.
  private func startDeadline() {
    let isFirst = state.withLock { state in
      defer { state.hasDeadline = true }
      return !state.hasDeadline
    }
    guard isFirst else { return }
    let end = ContinuousClock.now + patience
    do throws(OwnThread.StartFailure) {
      try OwnThread.start("deadline") {
        // A signal that this thread handles meanwhile ends a poll early.
        while case let left = (end - .now) / .milliseconds(1), left > 0 { poll(nil, 0, Int32(left.rounded(.up))) }
        self.tellOverdue()
      }
    } catch {
      // Without a thread nobody could end a part that hangs. So whatever has not ended yet is given up at once.
      tellOverdue()
    }
  }

  private func tellOverdue() {
    let state = state.withLock { $0 }
    let names = parts.indices.filter { !state.ended.contains($0) }.map { parts[$0].name }
    if !names.isEmpty { overdue(Overdue(names: names, failure: state.failure)) }
  }
}
