import Glibc
import ServiceModel
import System

/// A network namespace with rules. Every address is local in it, and one socket listens for all endpoints.
struct ConnectSite {
  let scenario: Scenario
  private let listener: Int32

  /// Uses the calling thread's network namespace.
  init(_ scenario: Scenario, _ input: [MemoryFile]) throws {
    self.scenario = scenario
    try OwnNamespace.requireOwn()
    try ConnectSite.addRoutes(scenario.family)
    _ = try PlainRestore.run(scenario, input)
    listener = try ConnectSite.listen(scenario.family)
  }

  /// Makes all addresses of a synthetic cluster local in the calling thread's namespace.
  static func addRoutes(_ family: IPFamily) throws {
    let routes = try MemoryFile("routes", holding: routes(family).utf8)
    try Program(["ip", "-batch", "-"]).succeed(input: routes)
  }

  /// A socket that takes connections to all endpoints.
  static func listen(_ family: IPFamily) throws -> Int32 {
    let listener = try socket(family, nonBlocking: true)
    let any = IPAddress(family: family, bits: 0)
    try RawAddress(SocketAddress(any, port: SyntheticCluster.endpointPort)).with {
      _ = try SystemError.check(bind(listener, $0, $1), "bind the listener")
    }
    try SystemError.check(Glibc.listen(listener, 1024), "listen")
    return listener
  }

  /// Makes all addresses of the synthetic cluster local. The client has another address.
  private static func routes(_ family: IPFamily) -> String {
    switch family {
    case .ipv4:
      "link set lo up\naddress add 192.0.2.1/32 dev lo\nroute add local 10.0.0.0/8 dev lo src 192.0.2.1\n"
    case .ipv6:
      "link set lo up\naddress add 2001:db8::1/128 dev lo nodad\n"
        + "route add local fd00::/8 dev lo src 2001:db8::1\n"
    }
  }

  /// The seconds that `connect` takes. The connection is accepted and reset at once.
  func connect(_ destination: SocketAddress) throws -> Double {
    let client = try ConnectSite.socket(scenario.family, nonBlocking: false)
    defer { close(client) }
    var reset = linger(l_onoff: 1, l_linger: 0)
    setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, socklen_t(MemoryLayout<linger>.size))
    let time = try RawAddress(destination).with { address, length in
      var watch = Stopwatch()
      let result = Glibc.connect(client, address, length)
      let time = watch.lap()
      try SystemError.check(result, "connect to \(destination)")
      return time
    }
    close(try ConnectSite.acceptConnection(listener, to: "\(destination)"))
    return time
  }

  /// Accepts a connection that a client has made. The kernel may hand it to the listener a moment later.
  static func acceptConnection(_ listener: Int32, to destination: String) throws(SystemError) -> Int32 {
    var readiness = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
    poll(&readiness, 1, 1000)
    return try SystemError.check(accept(listener, nil, nil), "accept a connection to \(destination)")
  }

  static func socket(_ family: IPFamily, nonBlocking: Bool) throws -> Int32 {
    let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | (nonBlocking ? SOCK_NONBLOCK.rawValue : 0)
    return try SystemError.check(Glibc.socket(family == .ipv4 ? AF_INET : AF_INET6, Int32(kind), 0), "make a socket")
  }
}

/// An address in the form of the socket functions.
struct RawAddress {
  private var storage = sockaddr_storage()
  private let length: socklen_t

  init(_ address: SocketAddress) {
    switch address.address.family {
    case .ipv4:
      length = socklen_t(MemoryLayout<sockaddr_in>.size)
      withUnsafeMutableBytes(of: &storage) { bytes in
        let raw = bytes.bindMemory(to: sockaddr_in.self).baseAddress!
        raw.pointee.sin_family = sa_family_t(AF_INET)
        raw.pointee.sin_port = address.port.bigEndian
        raw.pointee.sin_addr.s_addr = UInt32(truncatingIfNeeded: address.address.bits).bigEndian
      }
    case .ipv6:
      length = socklen_t(MemoryLayout<sockaddr_in6>.size)
      withUnsafeMutableBytes(of: &storage) { bytes in
        let raw = bytes.bindMemory(to: sockaddr_in6.self).baseAddress!
        raw.pointee.sin6_family = sa_family_t(AF_INET6)
        raw.pointee.sin6_port = address.port.bigEndian
        withUnsafeMutableBytes(of: &raw.pointee.sin6_addr) {
          $0.storeBytes(of: address.address.bits.bigEndian, as: UInt128.self)
        }
      }
    }
  }

  func with<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Result) rethrows -> Result {
    try withUnsafePointer(to: storage) { pointer in
      try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { try body($0, length) }
    }
  }
}
