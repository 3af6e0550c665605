import Glibc
import System

/// A client that sends bytes and reads what comes back, for servers on the loopback interface.
enum TestClient {
  /// Everything the server sends until it closes the connection.
  static func exchange(_ request: String, port: UInt16, host: UInt32 = 0x7f00_0001) async -> String {
    do {
      return try await OwnThread.run("client") {
        guard let file = connect(port: port, host: host) else { return "no connection: \(errno)" }
        defer { close(file) }
        let bytes = Array(request.utf8)
        send(file, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        return read(file)
      }
    } catch {
      return "\(error)"
    }
  }

  /// Asks for a path and returns the whole answer.
  static func get(_ path: String, port: UInt16, host: UInt32 = 0x7f00_0001, accept: String = "*/*") async -> String {
    await exchange(
      "GET \(path) HTTP/1.1\r\nHost: localhost\r\nAccept: \(accept)\r\nConnection: close\r\n\r\n", port: port,
      host: host)
  }

  /// A connected IPv4 socket whose reads time out after two minutes; nil with `errno` on failure.
  static func connect(port: UInt16, host: UInt32 = 0x7f00_0001) -> CInt? {
    let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var patience = timeval(tv_sec: 120, tv_usec: 0)
    setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = port.bigEndian
    name.sin_addr.s_addr = host.bigEndian
    let result = withUnsafePointer(to: name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(file, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    if result == 0 { return file }
    let code = errno
    close(file)
    errno = code
    return nil
  }

  /// Asks for a path and waits for the begin of the answer; the connection stays open.
  static func ask(_ file: CInt, _ path: String = "/") {
    let request = Array("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
    var answer = [UInt8](repeating: 0, count: 1024)
    send(file, request, request.count, 0)
    recv(file, &answer, answer.count, 0)
  }

  /// Asks for `/` and returns the answer, after which the server closes the connection.
  static func askLast(_ file: CInt) -> String {
    let request = Array("GET / HTTP/1.0\r\n\r\n".utf8)
    send(file, request, request.count, 0)
    return read(file)
  }

  /// Reads until the end of the stream.
  static func read(_ file: CInt) -> String {
    var result: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = recv(file, &buffer, buffer.count, 0)
      if count <= 0 { break }
      result += buffer[..<count]
    }
    return String(decoding: result, as: UTF8.self)
  }
}
