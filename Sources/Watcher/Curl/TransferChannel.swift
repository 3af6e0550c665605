import Synchronization

/// What passes between the transport's thread, which fills it, and the one task that reads an answer.
///
/// At most `limit` bytes of body wait in it (and one piece more): then `offer` says no, the transfer is paused, and
/// HTTP/2's window or TCP's keeps the server from sending on.
final class TransferChannel: HTTPBody {
  struct Head: Sendable {
    var status: Int
    var headers: [String: String]
  }

  private struct State {
    var head: Head?
    var end: Result<Void, HTTPError>?
    /// What the reader has kept, then what has arrived since.
    var buffer: [UInt8] = []
    var keptBytes = 0
    var isPaused = false
    var idleTimeout: Duration
    var headReader: CheckedContinuation<Result<Head, HTTPError>, Never>?
    var bodyReader: CheckedContinuation<Result<Bool, HTTPError>, Never>?

    var arrivedBytes: Int { buffer.count - keptBytes }
  }

  private let state: Mutex<State>
  private let limit: Int
  /// Called without the lock, on any thread.
  private let onRoom: @Sendable () -> Void
  private let onCancel: @Sendable () -> Void

  init(
    idleTimeout: Duration, limit: Int = 256 << 10, onRoom: @escaping @Sendable () -> Void,
    onCancel: @escaping @Sendable () -> Void
  ) {
    state = Mutex(State(idleTimeout: idleTimeout))
    self.limit = limit
    self.onRoom = onRoom
    self.onCancel = onCancel
  }

  deinit { onCancel() }

  // MARK: The transport's side

  var idleTimeout: Duration { state.withLock { $0.idleTimeout } }
  var isPaused: Bool { state.withLock { $0.isPaused } }
  var hasHead: Bool { state.withLock { $0.head != nil } }

  func begin(_ head: Head) {
    state.withLock { state in
      state.head = head
      state.headReader?.resume(returning: .success(head))
      state.headReader = nil
    }
  }

  /// Takes a piece of body; false when the transfer has to pause and offer the same piece again after `onRoom`.
  func offer(_ bytes: UnsafeRawBufferPointer) -> Bool {
    state.withLock { state in
      guard state.arrivedBytes == 0 || state.arrivedBytes + bytes.count <= limit else {
        state.isPaused = true
        return false
      }
      state.buffer.append(contentsOf: bytes)
      state.bodyReader?.resume(returning: .success(true))
      state.bodyReader = nil
      return true
    }
  }

  /// Ends the answer; only the first call counts.
  func finish(_ end: Result<Void, HTTPError>) {
    state.withLock { state in
      guard state.end == nil else { return }
      state.end = end
      let failure: HTTPError = if case .failure(let error) = end { error } else { .cut(detail: "no answer") }
      state.headReader?.resume(returning: .failure(failure))
      state.headReader = nil
      state.bodyReader?.resume(returning: end.map { false })
      state.bodyReader = nil
    }
  }

  // MARK: The reader's side

  func head() async throws(HTTPError) -> Head {
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { (reader: CheckedContinuation<Result<Head, HTTPError>, Never>) in
        state.withLock { state in
          if let head = state.head { return reader.resume(returning: .success(head)) }
          if case .failure(let error) = state.end { return reader.resume(returning: .failure(error)) }
          state.headReader = reader
        }
      }
    } onCancel: {
      cancel()
    }
    return try result.get()
  }

  func read(into bytes: inout [UInt8]) async throws(HTTPError) -> Bool {
    keep(&bytes)
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { (reader: CheckedContinuation<Result<Bool, HTTPError>, Never>) in
        state.withLock { state in
          if state.arrivedBytes > 0 { return reader.resume(returning: .success(true)) }
          if let end = state.end { return reader.resume(returning: end.map { false }) }
          precondition(state.bodyReader == nil, "only one task may read a body")
          state.bodyReader = reader
        }
      }
    } onCancel: {
      cancel()
    }
    handOver(&bytes)
    return try result.get()
  }

  /// Moves what the reader has kept to the front of the buffer.
  private func keep(_ bytes: inout [UInt8]) {
    state.withLock { state in
      state.keptBytes = bytes.count
      if state.buffer.isEmpty {
        swap(&state.buffer, &bytes)
      } else if !bytes.isEmpty {
        // More has arrived while the reader was at work: that is moved once.
        state.buffer.insert(contentsOf: bytes, at: 0)
        bytes = []
      }
    }
  }

  /// Moves the buffer to the reader.
  private func handOver(_ bytes: inout [UInt8]) {
    let hasRoomAgain = state.withLock { state in
      swap(&state.buffer, &bytes)
      state.keptBytes = 0
      defer { state.isPaused = false }
      return state.isPaused
    }
    if hasRoomAgain { onRoom() }
  }

  func setIdleTimeout(_ timeout: Duration) { state.withLock { $0.idleTimeout = timeout } }

  func cancel() {
    finish(.failure(.cancelled))
    onCancel()
  }
}
