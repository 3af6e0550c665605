import CLinux
import Glibc
import ServiceModel
import System

/// The servers' sockets: a thin layer over the system calls. All sockets are non-blocking.
enum ServerSocket {
  /// Number of connections that may wait to be accepted. The kernel drops further ones, and those clients try again.
  private static let backlog: Int32 = 128

  /// Makes a listening socket.
  static func listen(at address: ListenAddress) throws(ListenError) -> CInt {
    func failure(_ step: ListenError.Step) -> ListenError {
      ListenError(address: address, step: step, code: errno)
    }
    var raw = SocketName(address)
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    var file = socket(raw.family, kind, 0)
    if file < 0, address.host == .any, errno == EAFNOSUPPORT {
      raw = SocketName(ListenAddress(.anyOf(.ipv4), port: address.port))
      file = socket(raw.family, kind, 0)
    }
    guard file >= 0 else { throw failure(.socket) }
    set(file, SOL_SOCKET, SO_REUSEADDR, 1)
    if raw.family == AF_INET6 {
      set(file, Int32(IPPROTO_IPV6), IPV6_V6ONLY, address.host == .any ? 0 : 1)
    }
    for (step, result) in [
      (ListenError.Step.bind, { raw.withRaw { bind(file, $0, $1) } }), (.listen, { Glibc.listen(file, backlog) }),
    ] as [(ListenError.Step, () -> CInt)] where result() != 0 {
      let error = failure(step)
      close(file)
      throw error
    }
    return file
  }

  /// The actual port of a listening socket.
  static func port(of file: CInt) -> UInt16 {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(file, $0, &length) }
      // The port is at the same offset in both families.
      return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { UInt16(bigEndian: $0.pointee.sin_port) }
    }
  }

  enum Accepting {
    case connection(CInt)
    /// No client is waiting, or the client has gone.
    case nobody
    /// The process or the system has no descriptor left.
    case exhausted(SystemError)
  }

  static func accept(_ file: CInt) -> Accepting {
    let connection = accept4(file, nil, nil, Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue))
    if connection >= 0 { return .connection(connection) }
    let code = errno
    guard [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(code) else { return .nobody }
    return .exhausted(SystemError(action: "accept", code: code))
  }

  /// Ends a connection, or frees a port, at once. close(2) alone does not do that while a starting child process still
  /// has a copy of the descriptor.
  static func close(_ file: CInt) {
    shutdown(file, Int32(SHUT_RDWR))
    _ = Glibc.close(file)
  }

  enum Reading {
    case bytes([UInt8])
    case nothingYet
    case ended
  }

  static func read(_ file: CInt) -> Reading {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = recv(file, &buffer, buffer.count, 0)
    if count > 0 { return .bytes(Array(buffer[..<count])) }
    return count < 0 && (errno == EAGAIN || errno == EINTR) ? .nothingYet : .ended
  }

  /// The number of bytes that the kernel took; nil if the connection is broken.
  static func write(_ file: CInt, _ bytes: ArraySlice<UInt8>) -> Int? {
    let count = bytes.withUnsafeBytes { send(file, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    if count >= 0 { return count }
    return errno == EAGAIN || errno == EINTR ? 0 : nil
  }

  private static func set(_ file: CInt, _ level: Int32, _ option: Int32, _ value: CInt) {
    var value = value
    setsockopt(file, level, option, &value, socklen_t(MemoryLayout<CInt>.size))
  }
}

/// A socket address in the kernel's format.
private struct SocketName {
  let family: Int32
  private var storage = sockaddr_storage()
  private var length: socklen_t

  init(_ address: ListenAddress) {
    let bits: UInt128
    switch address.host {
    case .any, .anyOf(.ipv6): (family, bits) = (AF_INET6, 0)
    case .anyOf(.ipv4): (family, bits) = (AF_INET, 0)
    case .address(let host): (family, bits) = (host.family == .ipv4 ? AF_INET : AF_INET6, host.bits)
    }
    if family == AF_INET {
      var name = sockaddr_in()
      name.sin_family = sa_family_t(AF_INET)
      name.sin_port = address.port.bigEndian
      name.sin_addr.s_addr = UInt32(truncatingIfNeeded: bits).bigEndian
      length = socklen_t(MemoryLayout<sockaddr_in>.size)
      withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: name, as: sockaddr_in.self) }
    } else {
      var name = sockaddr_in6()
      name.sin6_family = sa_family_t(AF_INET6)
      name.sin6_port = address.port.bigEndian
      withUnsafeMutableBytes(of: &name.sin6_addr) { $0.storeBytes(of: bits.bigEndian, as: UInt128.self) }
      length = socklen_t(MemoryLayout<sockaddr_in6>.size)
      withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: name, as: sockaddr_in6.self) }
    }
  }

  func withRaw<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    withUnsafePointer(to: storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
    }
  }
}
