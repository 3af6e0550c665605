import CNghttp2
import Foundation

/// One request's side of an HTTP/2 connection: a buffer between the thread that answers and the one that sends.
final class HTTP2Stream: ResponseWriter, @unchecked Sendable {
  // @unchecked: guarded by `condition`.
  private let id: Int32
  private weak var connection: HTTP2Connection?
  private let isStopping: @Sendable () -> Bool
  private let condition = NSCondition()
  private var buffer = Data()
  private var isEnded = false
  private var isClosed = false
  /// If more bytes than this are buffered, the answering thread waits, as it would for a full socket buffer.
  private let limit = 1 << 20

  init(_ id: Int32, connection: HTTP2Connection, isStopping: @escaping @Sendable () -> Bool) {
    self.id = id
    self.connection = connection
    self.isStopping = isStopping
  }

  var isGone: Bool { isStopping() || connection == nil || condition.withLock { isClosed } }

  func head(status: Int, headers: [String: String], length: Int?) throws {
    connection?.post(.head(id, status: status, headers: headers))
  }

  func write(_ data: Data) throws {
    try condition.withLock {
      while buffer.count > limit, !isClosed { condition.wait() }
      guard !isClosed else { throw ConnectionEnded() }
      buffer.append(data)
    }
    connection?.post(.resume(id))
  }

  func end() throws {
    condition.withLock { isEnded = true }
    connection?.post(.resume(id))
  }

  func abort() { connection?.post(.reset(id)) }

  func raw(_ data: Data) throws { connection?.post(.close) }

  /// The client or the connection has ended it.
  func close() {
    condition.withLock {
      isClosed = true
      condition.broadcast()
    }
  }

  /// Moves buffered bytes into a frame. Returns their number, or says that there are none yet.
  func take(into frame: UnsafeMutableRawBufferPointer, atEnd: () -> Void) -> Int {
    condition.withLock {
      if buffer.isEmpty && !isEnded { return Int(NGHTTP2_ERR_DEFERRED.rawValue) }
      let count = min(frame.count, buffer.count)
      buffer.copyBytes(to: frame, count: count)
      buffer = Data(buffer.dropFirst(count))
      condition.broadcast()
      if buffer.isEmpty && isEnded { atEnd() }
      return count
    }
  }
}
