import Synchronization

/// Carries batches of events from sources to the one reader. It is bounded: a source waits while the reader has more
/// than `limit` events before it, so that memory does not grow when syncs are slower than the cluster changes.
public final class ClusterEventChannel: Sendable {
  private struct State {
    var events: [ClusterEvent] = []
    var reader: CheckedContinuation<[ClusterEvent], Never>?
    var writers: [CheckedContinuation<Void, Never>] = []
    var isFinished = false
  }

  private let state = Mutex(State())
  private let limit: Int

  public init(limit: Int = 1024) { self.limit = limit }

  /// Hands over a batch, whose order is kept; returns when there is room for more. After `finish` it is dropped.
  public func send(_ batch: [ClusterEvent]) async {
    guard !batch.isEmpty else { return }
    await withCheckedContinuation { (writer: CheckedContinuation<Void, Never>) in
      state.withLock { state in
        guard !state.isFinished else { return writer.resume() }
        state.events += batch
        if let reader = state.reader {
          reader.resume(returning: state.events)
          state.reader = nil
          state.events = []
        }
        if state.events.count < limit { writer.resume() } else { state.writers.append(writer) }
      }
    }
  }

  /// All that has been sent since the last call, waiting for at least one event; empty after `finish`.
  /// Only one task may read.
  public func next() async -> [ClusterEvent] {
    await withTaskCancellationHandler {
      await withCheckedContinuation { (reader: CheckedContinuation<[ClusterEvent], Never>) in
        state.withLock { state in
          if state.events.isEmpty && !state.isFinished {
            precondition(state.reader == nil, "only one task may read a channel")
            state.reader = reader
            return
          }
          reader.resume(returning: state.events)
          state.events = []
          for writer in state.writers { writer.resume() }
          state.writers = []
        }
      }
    } onCancel: {
      finish()
    }
  }

  /// Ends the channel: what is in it can still be read, then `next` returns nothing.
  public func finish() {
    state.withLock { state in
      state.isFinished = true
      state.reader?.resume(returning: [])
      state.reader = nil
      for writer in state.writers { writer.resume() }
      state.writers = []
    }
  }
}
