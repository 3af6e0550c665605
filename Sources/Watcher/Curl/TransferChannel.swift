import HTTP
import System

/// Connects the transport's thread, which writes an answer, and the one task that reads it.
///
/// It holds at most `limit` bytes of unread body, or one piece that is larger. Beyond that, `offer` returns false and
/// the transfer is paused. Then the flow-control window of HTTP/2 or TCP stops the server.
final class TransferChannel: HTTPBody {
  struct Head: Sendable {
    var status: Int
    var headers: HTTPHeaders
  }

  private struct State: Sendable {
    var head: Head?
    var end: Result<Void, HTTPError>?
    /// The bytes that the reader has kept, followed by the bytes that have arrived since.
    var buffer: [UInt8] = []
    var keptBytes = 0
    var isPaused = false
    var idleTimeout: Duration

    var arrivedBytes: Int { buffer.count - keptBytes }
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

  /// Takes a piece of the body. Returns false if the transfer has to pause and offer the same piece again after
  /// `onRoom`.
  func offer(_ bytes: UnsafeRawBufferPointer) -> Bool {
    state.withLock { state in
      guard state.arrivedBytes == 0 || state.arrivedBytes + bytes.count <= limit else {
        state.isPaused = true
        return false
      }
      state.buffer.append(contentsOf: bytes)
      return true
    }
  }

  /// Ends the answer. Only the first call has an effect.
  func finish(_ end: Result<Void, HTTPError>) { state.withLock { $0.end = $0.end ?? end } }

  // MARK: The reader's side

  func head() async throws(HTTPError) -> Head {
    let result: Result<Head, HTTPError>? = await state.wait { state in
      if let head = state.head { return .success(head) }
      switch state.end {
      case .failure(let error): return .failure(error)
      // The transfer succeeded without an answer. The reader gets an error.
      case .success: return .failure(.cut(detail: "no answer"))
      case nil: return nil
      }
    }
    return try cancelled(unless: result).get()
  }

  func read(into bytes: inout [UInt8]) async throws(HTTPError) -> Bool {
    keep(&bytes)
    let result: Result<Bool, HTTPError>? = await state.wait { state in
      if state.arrivedBytes > 0 { return .success(true) }
      return state.end?.map { false }
    }
    handOver(&bytes)
    return try cancelled(unless: result).get()
  }

  /// Moves the bytes that the reader has kept to the front of the buffer.
  private func keep(_ bytes: inout [UInt8]) {
    state.withLock { state in
      state.keptBytes = bytes.count
      if state.buffer.isEmpty {
        swap(&state.buffer, &bytes)
      } else if !bytes.isEmpty {
        // More bytes have arrived while the reader worked. They are moved once.
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

  /// If the reader's task was cancelled, the transfer ends.
  private func cancelled<Value>(unless result: Result<Value, HTTPError>?) -> Result<Value, HTTPError> {
    if let result { return result }
    cancel()
    return .failure(.cancelled)
  }
}
