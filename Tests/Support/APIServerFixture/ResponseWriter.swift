import Foundation

/// Where an answer goes: one request's side of a connection of either version of HTTP.
protocol ResponseWriter: AnyObject {
  /// Sends status and headers. If the length is known, the headers contain it. Otherwise the body is streamed.
  func head(status: Int, headers: [String: String], length: Int?) throws
  func write(_ data: Data) throws
  func end() throws
  /// Ends the answer in the middle.
  func abort()
  /// Sends bytes that are no HTTP, then ends the connection.
  func raw(_ data: Data) throws
  /// Whether the client has gone, or the server is stopping.
  var isGone: Bool { get }
}

/// The other side has gone.
struct ConnectionEnded: Error {}

extension ResponseWriter {
  func send(_ response: ServerResponse) throws {
    try head(status: response.status, headers: response.headers, length: response.body.count)
    try write(response.body)
    try end()
  }

  /// Waits until the client or the server goes away.
  func waitForGone() {
    let never = TestSignal()
    while !isGone { _ = never.wait(seconds: 0.05) }
  }

  func perform(_ steps: [StreamStep]) throws {
    for step in steps {
      switch step {
      case .chunk(let text): try write(Data(text.utf8))
      case .bytes(let bytes): try write(Data(bytes))
      case .wait(let gate): while !isGone, !gate.wait(seconds: 0.05) {}
      case .stall: return waitForGone()
      case .cut: return abort()
      }
    }
    try end()
  }
}

/// Passes an answer on until it has grown to a size, then cuts it.
final class CuttingWriter: ResponseWriter {
  private let inner: any ResponseWriter
  private var left: Int

  init(_ inner: any ResponseWriter, after bytes: Int) {
    self.inner = inner
    left = bytes
  }

  var isGone: Bool { inner.isGone }
  func head(status: Int, headers: [String: String], length: Int?) throws {
    try inner.head(status: status, headers: headers, length: length)
  }
  func write(_ data: Data) throws {
    if data.count < left {
      left -= data.count
      return try inner.write(data)
    }
    try inner.write(data.prefix(left))
    inner.abort()
    throw ConnectionEnded()
  }
  func end() throws { inner.abort() }
  func abort() { inner.abort() }
  func raw(_ data: Data) throws { try inner.raw(data) }
}
