import Foundation
import Glibc

/// A connection's bytes, plain or in TLS. Only the thread of the connection uses it, except that any thread may call
/// `close`.
protocol ByteChannel: AnyObject {
  var descriptor: CInt { get }
  /// Up to `count` bytes; empty at the end.
  func read(upTo count: Int) throws -> Data
  func write(_ data: Data) throws
  /// Ends both directions at once.
  func close()
}

extension ByteChannel {
  /// Whether the client has closed its side or the connection is broken; does not wait.
  var isClosedByClient: Bool {
    // POLLRDHUP, which needs _GNU_SOURCE in C.
    var poller = pollfd(fd: descriptor, events: 0x2000, revents: 0)
    return poll(&poller, 1, 0) != 0
  }
}

final class PlainChannel: ByteChannel, Sendable {
  let descriptor: CInt

  init(_ descriptor: CInt) { self.descriptor = descriptor }

  func read(upTo count: Int) throws -> Data {
    var bytes = [UInt8](repeating: 0, count: count)
    let got = recv(descriptor, &bytes, count, 0)
    guard got >= 0 else { throw ConnectionEnded() }
    return Data(bytes.prefix(got))
  }

  func write(_ data: Data) throws {
    var sent = 0
    while sent < data.count {
      let count = data.withUnsafeBytes {
        send(descriptor, $0.baseAddress! + sent, data.count - sent, CInt(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw ConnectionEnded() }
      sent += count
    }
  }

  func close() { shutdown(descriptor, CInt(SHUT_RDWR)) }

  deinit { _ = Glibc.close(descriptor) }
}
