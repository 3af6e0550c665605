import System

/// Carries batches of events from sources to the one reader. It is bounded: a source waits while the reader has more
/// than `limit` events before it, so that memory does not grow when syncs are slower than the cluster changes.
public final class ClusterEventChannel: Sendable {
  private struct State: Sendable {
    var events: [ClusterEvent] = []
    var isFinished = false
  }

  private let state = Watched(State())
  private let limit: Int

  public init(limit: Int = 1024) { self.limit = limit }

  /// Hands over a batch, whose order is kept; returns when there is room for more. After `finish` it is dropped.
  public func send(_ batch: [ClusterEvent]) async {
    guard !batch.isEmpty else { return }
    state.withLock { if !$0.isFinished { $0.events += batch } }
    let limit = limit
    // A source that is being ended sends nothing more, so there is nothing to wait for then.
    _ = await state.wait { $0.events.count < limit || $0.isFinished ? true : nil }
  }

  /// All that has been sent since the last call, waiting for at least one event; empty after `finish`. The reader's
  /// cancellation finishes the channel.
  public func next() async -> [ClusterEvent] {
    // Else a cancelled reader would go on for as long as a source sends.
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

  /// Ends the channel: what is in it can still be read, then `next` returns nothing.
  public func finish() { state.withLock { $0.isFinished = true } }
}
