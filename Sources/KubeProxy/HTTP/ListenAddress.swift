import ServiceModel

/// Where a server listens: `ADDRESS:PORT`, as kube-proxy's `healthzBindAddress` and `metricsBindAddress` have it.
public struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
  /// Which of the families a socket takes.
  public enum Host: Hashable, Sendable {
    /// All local addresses of both families in one socket, where the host has IPv6: what a Go server does with
    /// `0.0.0.0` as well as with `::`.
    case any
    /// All local addresses of one family.
    case anyOf(IPFamily)
    case address(IPAddress)
  }

  public let host: Host
  /// 0: the kernel picks one.
  public let port: UInt16

  public init(_ host: Host, port: UInt16) {
    self.host = host
    self.port = port
  }

  /// As a bind address of the configuration means it.
  public init(_ socket: SocketAddress) {
    self.init(socket.address.isUnspecified ? .any : .address(socket.address), port: socket.port)
  }

  /// Reads `ADDRESS:PORT`, `[ADDRESS]:PORT` or `:PORT`; nil if it is none of them.
  public init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else { return nil }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    guard !host.isEmpty else {
      self.init(.any, port: port)
      return
    }
    guard let address = IPAddress(host) else { return nil }
    self.init(address.isUnspecified ? .any : .address(address), port: port)
  }

  public var description: String {
    switch host {
    case .any: "[::]:\(port)"
    case .anyOf(.ipv4): "0.0.0.0:\(port)"
    case .anyOf(.ipv6): "[::]:\(port)"
    case .address(let address): SocketAddress(address, port: port).description
    }
  }
}
