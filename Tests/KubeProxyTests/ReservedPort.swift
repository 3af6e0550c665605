import Glibc
import System

/// A TCP port that the kernel selected. A bound socket that does not listen keeps it: the kernel gives it to nobody
/// else, and a server with SO_REUSEADDR can listen on it.
final class ReservedPort: Sendable {
  let number: UInt16
  private let descriptor: CInt

  init() throws(SystemError) {
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    descriptor = try SystemError.check(socket(AF_INET, kind, 0), "make a socket")
    var yes: CInt = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let code = withUnsafeMutablePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 ? getsockname(descriptor, $0, &length) : -1
      }
    }
    try SystemError.check(code, "reserve a port")
    number = UInt16(bigEndian: name.sin_port)
  }

  deinit { close(descriptor) }
}
