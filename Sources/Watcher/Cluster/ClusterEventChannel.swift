import System

/// Carries batches of events from the sources to the one reader. The channel is bounded: a source waits while more than
/// `limit` events are unread, so memory does not grow when the cluster changes faster than the syncs run.
package final class ClusterEventChannel: Sendable {
  private struct State: Sendable {
    var events: [ClusterEvent] = []
    var isFinished = false
  }

  private let state = Watched(State())
  private let limit: Int

  package init(limit: Int = 1024) { self.limit = limit }

  /// Sends a batch and keeps its order. Returns when there is room for more. After `finish` the batch is dropped.
  package func send(_ batch: [ClusterEvent]) async {
    guard !batch.isEmpty else { return }
    state.withLock { if !$0.isFinished { $0.events += batch } }
    let limit = limit
    // `until` also returns if the source's task is cancelled. Then the source sends nothing more, so the result is
    // ignored.
    await state.until { $0.events.count < limit || $0.isFinished }
  }

  /// Returns all events sent since the last call, and waits for at least one. Returns an empty array after `finish`. If
  /// the reader is cancelled, the channel is finished.
  package func next() async -> [ClusterEvent] {
    // Without this check, a cancelled reader would continue as long as a source sends.
    if Task.isCancelled { finish() }
    let events: [ClusterEvent]? = await state.wait { state in
      if state.events.isEmpty && !state.isFinished { return nil }
      defer { state.events = [] }
      return state.events
    }
    if let events { return events }
    finish()
    return []
  }

  /// Ends the channel. Events that are already in it can still be read; then `next` returns an empty array.
  package func finish() { state.withLock { $0.isFinished = true } }
}
