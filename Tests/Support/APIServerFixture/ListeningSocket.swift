import Foundation
import Glibc

/// A TCP socket that listens on one address.
final class ListeningSocket: @unchecked Sendable {
  // @unchecked: nothing changes after init.
  let descriptor: CInt
  let port: UInt16

  init(address: String, port: UInt16) throws {
    var hints = addrinfo()
    hints.ai_flags = AI_PASSIVE | AI_NUMERICHOST
    hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(address, String(port), &hints, &found) == 0, let info = found else {
      throw ObjectError(description: "\(address) is not an IP address")
    }
    defer { freeaddrinfo(found) }
    let descriptor = socket(info.pointee.ai_family, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var yes: CInt = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
    guard bind(descriptor, info.pointee.ai_addr, info.pointee.ai_addrlen) == 0, listen(descriptor, 128) == 0 else {
      let reason = String(cString: strerror(errno))
      close(descriptor)
      throw ObjectError(description: "cannot listen on \(address) port \(port): \(reason)")
    }
    var bound = sockaddr_in6()
    var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
    withUnsafeMutablePointer(to: &bound) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor, $0, &length) }
    }
    self.descriptor = descriptor
    // The port is in the same place for both families.
    self.port = UInt16(bigEndian: bound.sin6_port)
  }

  /// The next connection; nil if the socket was shut down, or if accept(2) failed, which a line on standard error says.
  func accept() -> CInt? {
    while true {
      let connection = Glibc.accept(descriptor, nil, nil)
      if connection >= 0 {
        _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
        var yes: CInt = 1
        setsockopt(connection, CInt(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<CInt>.size))
        return connection
      }
      let code = errno
      if code == EINTR || code == ECONNABORTED { continue }
      // EINVAL: the socket was shut down.
      if code != EINVAL {
        let reason = String(cString: strerror(code))
        FileHandle.standardError.write(Data("port \(port): no more connections are accepted: \(reason)\n".utf8))
      }
      return nil
    }
  }

  deinit { close(descriptor) }
}
