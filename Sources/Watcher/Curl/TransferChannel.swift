import System

/// What passes between the transport's thread, which fills it, and the one task that reads an answer.
///
/// At most `limit` bytes of body wait in it (and one piece more): then `offer` says no, the transfer is paused, and
/// HTTP/2's window or TCP's keeps the server from sending on.
final class TransferChannel: HTTPBody {
  struct Head: Sendable {
    var status: Int
    var headers: [String: String]
  }

  private struct State: Sendable {
    var head: Head?
    var end: Result<Void, HTTPError>?
    var buffer: [UInt8] = []
    var isPaused = false
    var idleTimeout: Duration
  }

  private let state: Watched<State>
  private let limit: Int
  /// Called without the lock, on any thread.
  private let onRoom: @Sendable () -> Void
  private let onCancel: @Sendable () -> Void

  init(
    idleTimeout: Duration, limit: Int = 256 << 10, onRoom: @escaping @Sendable () -> Void,
    onCancel: @escaping @Sendable () -> Void
  ) {
    state = Watched(State(idleTimeout: idleTimeout))
    self.limit = limit
    self.onRoom = onRoom
    self.onCancel = onCancel
  }

  deinit { onCancel() }

  // MARK: The transport's side

  var idleTimeout: Duration { state.withLock { $0.idleTimeout } }
  var isPaused: Bool { state.withLock { $0.isPaused } }
  var hasHead: Bool { state.withLock { $0.head != nil } }

  func begin(_ head: Head) { state.withLock { $0.head = head } }

  /// Takes a piece of body; false when the transfer has to pause and offer the same piece again after `onRoom`.
  func offer(_ bytes: UnsafeRawBufferPointer) -> Bool {
    state.withLock { state in
      guard state.buffer.isEmpty || state.buffer.count + bytes.count <= limit else {
        state.isPaused = true
        return false
      }
      state.buffer.append(contentsOf: bytes)
      return true
    }
  }

  /// Ends the answer; only the first call counts.
  func finish(_ end: Result<Void, HTTPError>) { state.withLock { $0.end = $0.end ?? end } }

  // MARK: The reader's side

  func head() async throws(HTTPError) -> Head {
    let result: Result<Head, HTTPError>? = await state.wait { state in
      if let head = state.head { return .success(head) }
      switch state.end {
      case .failure(let error): return .failure(error)
      // A server cannot end an answer well that it has not begun.
      case .success: return .failure(.cut(detail: "no answer"))
      case nil: return nil
      }
    }
    return try cancelled(unless: result).get()
  }

  func next() async throws(HTTPError) -> [UInt8]? {
    let result: Result<(bytes: [UInt8]?, hasRoomAgain: Bool), HTTPError>? = await state.wait { state in
      if !state.buffer.isEmpty {
        defer {
          state.buffer = []
          state.isPaused = false
        }
        return .success((state.buffer, state.isPaused))
      }
      return state.end?.map { (nil, false) }
    }
    let piece = try cancelled(unless: result).get()
    if piece.hasRoomAgain { onRoom() }
    return piece.bytes
  }

  func setIdleTimeout(_ timeout: Duration) { state.withLock { $0.idleTimeout = timeout } }

  func cancel() {
    finish(.failure(.cancelled))
    onCancel()
  }

  /// A reader whose task was cancelled ends the transfer.
  private func cancelled<Value>(unless result: Result<Value, HTTPError>?) -> Result<Value, HTTPError> {
    if let result { return result }
    cancel()
    return .failure(.cancelled)
  }
}
