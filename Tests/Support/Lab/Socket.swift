import CLab
import Glibc
import ServiceModel
import System

/// A socket's descriptor. Addresses are passed as values.
struct Socket: Sendable, Hashable {
  let descriptor: Int32

  init(_ transport: TransportProtocol, _ family: IPFamily) throws(SystemError) {
    let kind = (transport == .udp ? SOCK_DGRAM : SOCK_STREAM).rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
    descriptor = try SystemError.check(
      socket(family == .ipv4 ? AF_INET : AF_INET6, Int32(kind), Int32(transport.number)),
      "make a \(transport.rawValue) socket")
    if transport != .sctp { set(SOL_SOCKET, SO_REUSEADDR, 1) }
  }

  /// A socket for raw SCTP packets with their headers.
  init(rawSCTP family: IPFamily) throws(SystemError) {
    let kind = SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
    descriptor = try SystemError.check(
      socket(family == .ipv4 ? AF_INET : AF_INET6, Int32(kind), Int32(TransportProtocol.sctp.number)),
      "make a raw socket")
  }

  init(descriptor: Int32) { self.descriptor = descriptor }

  func close() { _ = Glibc.close(descriptor) }

  private func set(_ level: Int32, _ option: Int32, _ value: Int32) {
    var value = value
    setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
  }

  /// Close with a reset: no connection state remains, and the source port is free at once.
  func resetOnClose() {
    var option = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
  }

  /// Whether `connect` over IPv6 fails when an ICMP message refuses the connection.
  ///
  /// On a link without delay, the message arrives while `connect` is still running. The kernel then treats it as a
  /// temporary error (RFC 1122, 4.2.3.9) and sends the next SYN a second later, but it puts the error into the socket's
  /// error queue. Over IPv4, TCP always does that. Over IPv6, it needs IPV6_RECVERR. Switch the option off after
  /// connecting, because otherwise ICMP errors also end established connections.
  func hearRefusals(_ isOn: Bool) {
    set(Int32(IPPROTO_IPV6), IPV6_RECVERR, isOn ? 1 : 0)
  }

  func bind(_ address: SocketAddress) throws(SystemError) {
    try SystemError.check(
      withRaw(address) { Glibc.bind(descriptor, $0, $1) }, "bind \(address)")
  }

  func listen() throws(SystemError) { try SystemError.check(Glibc.listen(descriptor, 512), "listen") }

  /// 0, EINPROGRESS or the error.
  func connect(_ address: SocketAddress) -> Int32 {
    withRaw(address) { Glibc.connect(descriptor, $0, $1) } == 0 ? 0 : errno
  }

  func accept() -> Socket? {
    let flags = Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let accepted = accept4(descriptor, nil, nil, flags)
    return accepted < 0 ? nil : Socket(descriptor: accepted)
  }

  /// Takes the error that the kernel stored for the socket.
  var pendingError: Int32 {
    var code: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
    return code
  }

  var peer: SocketAddress? { read { getpeername(descriptor, $0, $1) } }
  var local: SocketAddress? { read { getsockname(descriptor, $0, $1) } }

  func send(_ bytes: [UInt8], to address: SocketAddress? = nil) -> Int {
    let noSignal = Int32(MSG_NOSIGNAL)
    guard let address else { return Glibc.send(descriptor, bytes, bytes.count, noSignal) }
    return withRaw(address) { sendto(descriptor, bytes, bytes.count, noSignal, $0, $1) }
  }

  /// The received bytes, empty at the end of a stream; nil on failure, with `errno`.
  func receive() -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    return count < 0 ? nil : Array(buffer.prefix(count))
  }

  /// A datagram and its sender.
  func receiveDatagram() -> Datagram? {
    var buffer = [UInt8](repeating: 0, count: 4096)
    var count = -1
    let sender = read { raw, length in
      count = recvfrom(descriptor, &buffer, buffer.count, 0, raw, length)
      return count < 0 ? -1 : 0
    }
    guard let sender else { return nil }
    return Datagram(sender: sender, bytes: Array(buffer.prefix(count)))
  }

  struct Datagram {
    let sender: SocketAddress
    let bytes: [UInt8]
  }
}

extension Socket {
  private func withRaw<Result>(
    _ address: SocketAddress, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    func call<Raw>(_ raw: Raw) -> Result {
      withUnsafePointer(to: raw) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<Raw>.size)) }
      }
    }
    switch address.address.family {
    case .ipv4:
      var raw = sockaddr_in()
      raw.sin_family = sa_family_t(AF_INET)
      raw.sin_port = address.port.bigEndian
      raw.sin_addr.s_addr = UInt32(truncatingIfNeeded: address.address.bits).bigEndian
      return call(raw)
    case .ipv6:
      var raw = sockaddr_in6()
      raw.sin6_family = sa_family_t(AF_INET6)
      raw.sin6_port = address.port.bigEndian
      withUnsafeMutableBytes(of: &raw.sin6_addr) { $0.storeBytes(of: address.address.bits.bigEndian, as: UInt128.self) }
      return call(raw)
    }
  }

  /// The address that `call` writes; nil if `call` returns a negative number.
  private func read(
    _ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
  ) -> SocketAddress? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &storage) { pointer in
      let result = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, &length) }
      guard result >= 0 else { return nil }
      if pointer.pointee.ss_family == sa_family_t(AF_INET) {
        return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { raw in
          SocketAddress(
            IPAddress(family: .ipv4, bits: UInt128(UInt32(bigEndian: raw.pointee.sin_addr.s_addr))),
            port: UInt16(bigEndian: raw.pointee.sin_port))
        }
      }
      return pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { raw in
        let bits = withUnsafeBytes(of: raw.pointee.sin6_addr) { $0.loadUnaligned(as: UInt128.self) }
        return SocketAddress(
          IPAddress(family: .ipv6, bits: UInt128(bigEndian: bits)), port: UInt16(bigEndian: raw.pointee.sin6_port))
      }
    }
  }
}
