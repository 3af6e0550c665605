import Glibc
import ServiceModel
import System

/// Connects to Services from outside of the proxy, to see which endpoint the kernel's rules lead to.
///
/// One socket listens for all endpoints, in a network namespace in which every address of the synthetic cluster is
/// local. While no rule translates a cluster IP, nobody listens there, and the kernel refuses the connection at once.
struct ServiceProbe {
  private let family: IPFamily
  private let listener: Int32

  /// Adds routes to the calling thread's network namespace, and listens there.
  init(_ family: IPFamily) throws {
    self.family = family
    try ConnectSite.addRoutes(family)
    listener = try ConnectSite.listen(family)
  }

  /// The endpoint that a connection to a Service has reached; nil if it was refused or not answered.
  func endpoint(of service: IPAddress) throws -> IPAddress? {
    let client = try ConnectSite.socket(family, nonBlocking: false)
    defer { close(client) }
    var reset = linger(l_onoff: 1, l_linger: 0)
    setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, socklen_t(MemoryLayout<linger>.size))
    // Rules may drop the connection's first packet.
    var patience = timeval(tv_sec: 1, tv_usec: 0)
    setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    let destination = RawAddress(SocketAddress(service, port: SyntheticCluster.servicePort))
    guard destination.with({ connect(client, $0, $1) }) == 0 else { return nil }
    let accepted = try ConnectSite.acceptConnection(listener, to: "\(service)")
    defer { close(accepted) }
    return try RawAddress.local(of: accepted)
  }
}

extension RawAddress {
  /// The destination of a connection after the rules have translated it.
  static func local(of connection: Int32) throws -> IPAddress {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let result = withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(connection, $0, &length) }
    }
    try SystemError.check(result, "ask for a socket's address")
    return withUnsafeBytes(of: storage) { bytes in
      // sin_addr and sin6_addr of struct sockaddr_in and struct sockaddr_in6.
      Int32(storage.ss_family) == AF_INET
        ? IPAddress(
          family: .ipv4, bits: UInt128(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))))
        : IPAddress(family: .ipv6, bits: UInt128(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt128.self)))
    }
  }
}
