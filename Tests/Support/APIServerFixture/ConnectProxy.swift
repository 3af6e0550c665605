import Foundation
import Glibc
import ServiceModel

/// A proxy as an HTTPS client needs it: HTTP's CONNECT, and SOCKS 5 (RFC 1928) with names that it resolves itself.
package final class ConnectProxy: @unchecked Sendable {
  // @unchecked: mutable state is guarded by `lock`.
  private let lock = NSLock()
  private let socket: ListeningSocket
  private var asked: [String] = []
  private let route: UInt16?

  /// - Parameter port: the port on 127.0.0.1 to which all connections go. If nil, they go to the port that the client
  ///   asked for.
  package init(to port: UInt16? = nil) throws {
    socket = try ListeningSocket(address: "127.0.0.1", port: 0)
    route = port
    Thread.detachNewThread { [self, socket] in
      while let client = socket.accept() { Thread.detachNewThread { self.serve(PlainChannel(client)) } }
    }
  }

  package var url: String { "http://127.0.0.1:\(socket.port)" }

  package var socksURL: String { "socks5://127.0.0.1:\(socket.port)" }

  /// What was asked for, as `host:port`.
  package var targets: [String] { lock.withLock { asked } }

  package func stop() { shutdown(socket.descriptor, CInt(SHUT_RDWR)) }

  private func serve(_ client: PlainChannel) {
    guard var head = try? client.read(upTo: 4096), !head.isEmpty else { return }
    if head.first == 5 { return serveSOCKS(client) }
    while head.range(of: Data("\r\n\r\n".utf8)) == nil {
      guard let more = try? client.read(upTo: 4096), !more.isEmpty else { return }
      head += more
    }
    let parts = String(decoding: head, as: UTF8.self).split(separator: " ")
    guard parts.count > 2, parts[0] == "CONNECT", let wanted = HostAndPort(parts[1]).port else { return }
    lock.withLock { asked.append(String(parts[1])) }
    guard let server = connect(to: route ?? wanted) else { return }
    guard (try? client.write(Data("HTTP/1.1 200 Connection established\r\n\r\n".utf8))) != nil else { return }
    Thread.detachNewThread { Self.copy(from: server, to: client) }
    Self.copy(from: client, to: server)
  }

  /// Call this after the client's greeting, which offers the method without a password.
  private func serveSOCKS(_ client: PlainChannel) {
    guard (try? client.write(Data([5, 0]))) != nil, let request = try? client.read(upTo: 300), request.count > 6 else {
      return
    }
    let bytes = [UInt8](request)
    // CONNECT with a domain name.
    guard bytes[..<4] == [5, 1, 0, 3], bytes.count == 7 + Int(bytes[4]) else { return }
    let port = UInt16(bytes[bytes.count - 2]) << 8 | UInt16(bytes[bytes.count - 1])
    lock.withLock { asked.append("\(String(decoding: bytes[5..<(bytes.count - 2)], as: UTF8.self)):\(port)") }
    guard let server = connect(to: route ?? port) else { return }
    guard (try? client.write(Data([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]))) != nil else { return }
    Thread.detachNewThread { Self.copy(from: server, to: client) }
    Self.copy(from: client, to: server)
  }

  private func connect(to port: UInt16) -> PlainChannel? {
    let descriptor = Glibc.socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let channel = PlainChannel(descriptor)
    let code = withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    return code == 0 ? channel : nil
  }

  private static func copy(from source: PlainChannel, to target: PlainChannel) {
    while let data = try? source.read(upTo: 16384), !data.isEmpty, (try? target.write(data)) != nil {}
    target.close()
  }
}
