import HTTP
import Synchronization
import System

@testable import Watcher

/// A transport without a network: each request is answered by a closure.
final class MemoryTransport: HTTPTransport {
  enum Answer: Sendable {
    /// A whole answer; its body comes in pieces of `pieceSize` bytes.
    case response(status: Int, headers: HTTPHeaders = [:], body: [UInt8])
    /// As `response`, but after the body the connection is cut.
    case cut(body: [UInt8])
    case failure(HTTPError)
    /// Nothing, until the reader is cancelled.
    case silence
  }

  let pieceSize: Int
  private let answer: @Sendable (APIRequest) -> Answer
  private let log = Watched<[APIRequest]>([])
  private let refreshes = Mutex(0)

  init(pieceSize: Int = 16_384, _ answer: @escaping @Sendable (APIRequest) -> Answer) {
    self.pieceSize = pieceSize
    self.answer = answer
  }

  var requests: [APIRequest] { log.withLock { $0 } }
  /// Waits until the requests so far are as wanted or the task is cancelled, and returns them.
  @discardableResult
  func requests(until isEnough: @escaping @Sendable ([APIRequest]) -> Bool) async -> [APIRequest] {
    await log.wait { isEnough($0) ? $0 : nil } ?? requests
  }

  var refreshCount: Int { refreshes.withLock { $0 } }

  func send(_ request: APIRequest) async throws(HTTPError) -> APIResponse {
    log.withLock { $0.append(request) }
    switch answer(request) {
    case .response(let status, let headers, let body):
      return APIResponse(status: status, headers: headers, body: MemoryBody(body, pieceSize, end: .success(())))
    case .cut(let body):
      let end = Result<Void, HTTPError>.failure(.cut(detail: "cut"))
      return APIResponse(status: 200, body: MemoryBody(body, pieceSize, end: end))
    case .failure(let error): throw error
    case .silence:
      await Cancellation.wait()
      throw .cancelled
    }
  }

  func refreshCredentials() async { refreshes.withLock { $0 += 1 } }
}

extension HTTPBody {
  /// The next piece alone; nil at the body's end.
  func next() async throws(HTTPError) -> [UInt8]? {
    var bytes: [UInt8] = []
    return try await read(into: &bytes) ? bytes : nil
  }
}

final class MemoryBody: HTTPBody {
  private let rest: Mutex<ArraySlice<UInt8>>
  private let pieceSize: Int
  private let end: Result<Void, HTTPError>

  init(_ bytes: [UInt8], _ pieceSize: Int, end: Result<Void, HTTPError>) {
    rest = Mutex(bytes[...])
    self.pieceSize = pieceSize
    self.end = end
  }

  func read(into bytes: inout [UInt8]) async throws(HTTPError) -> Bool {
    let piece = rest.withLock { rest in
      defer { rest = rest.dropFirst(pieceSize) }
      return Array(rest.prefix(pieceSize))
    }
    bytes += piece
    if !piece.isEmpty { return true }
    try end.get()
    return false
  }

  func setIdleTimeout(_ timeout: Duration) {}
  func cancel() {}
}
