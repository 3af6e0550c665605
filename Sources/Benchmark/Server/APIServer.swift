import Glibc
import Synchronization
import System

/// A small API server on loopback, over plain HTTP and JSON. It has what a service proxy asks for.
///
/// Only the measured program can reach it, because it listens in the benchmark's own network namespace. So it has
/// neither credentials nor limits.
final class APIServer: Sendable {
  let port: UInt16

  /// Listens in the calling thread's network namespace, until the process ends.
  init(_ cluster: ServedCluster) throws {
    let listener = Descriptor(
      owning: try SystemError.check(
        socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0), "make a socket"))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let number = listener.number
    try withUnsafeMutablePointer(to: &address) { pointer in
      try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
        try SystemError.check(bind(number, raw, length), "bind the API server")
        try SystemError.check(listen(number, 64), "listen")
        try SystemError.check(getsockname(number, raw, &length), "ask for the API server's port")
      }
    }
    port = UInt16(bigEndian: address.sin_port)
    // The thread owns the socket, so it stays open when this value is gone.
    let handover = Handover(listener)
    try OwnThread.start("api server") { APIServer.accept(handover.takeOnce(), cluster) }
  }

  private static func accept(_ listener: consuming Descriptor, _ cluster: ServedCluster) {
    while true {
      let number = Glibc.accept(listener.number, nil, nil)
      if number < 0 && (errno == EINTR || errno == ECONNABORTED) { continue }
      guard number >= 0 else { return }
      var yes: Int32 = 1
      setsockopt(number, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
      let handover = Handover(Descriptor(owning: number))
      // If the thread cannot be started, the handover closes the connection, and the client connects again.
      try? OwnThread.start("api connection") {
        let connection = APIConnection(handover.takeOnce(), cluster)
        connection.serve()
      }
    }
  }
}
