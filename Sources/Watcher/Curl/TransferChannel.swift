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
    var buffer: [UInt8] = []
    var isPaused = false
    var idleTimeout: Duration
    var headReader: CheckedContinuation<Result<Head, HTTPError>, Never>?
    var bodyReader: CheckedContinuation<Result<[UInt8]?, HTTPError>, Never>?
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
      if let reader = state.bodyReader {
        state.bodyReader = nil
        reader.resume(returning: .success(Array(bytes)))
        return true
      }
      guard state.buffer.isEmpty || state.buffer.count + bytes.count <= limit else {
        state.isPaused = true
        return false
      }
      state.buffer.append(contentsOf: bytes)
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
      state.bodyReader?.resume(returning: end.map { nil })
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

  func next() async throws(HTTPError) -> [UInt8]? {
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { (reader: CheckedContinuation<Result<[UInt8]?, HTTPError>, Never>) in
        let hasRoomAgain = state.withLock { state in
          if !state.buffer.isEmpty {
            reader.resume(returning: .success(state.buffer))
            state.buffer = []
            defer { state.isPaused = false }
            return state.isPaused
          }
          if let end = state.end {
            reader.resume(returning: end.map { nil })
          } else {
            precondition(state.bodyReader == nil, "only one task may read a body")
            state.bodyReader = reader
          }
          return false
        }
        if hasRoomAgain { onRoom() }
      }
    } onCancel: {
      cancel()
    }
    return try result.get()
  }

  func setIdleTimeout(_ timeout: Duration) { state.withLock { $0.idleTimeout = timeout } }

  func cancel() {
    finish(.failure(.cancelled))
    onCancel()
  }
}
