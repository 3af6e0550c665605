import ServiceModel

/// Where a server listens: `ADDRESS:PORT`, as in kube-proxy's `healthzBindAddress` and `metricsBindAddress`.
package struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
  /// The local addresses on which a socket accepts connections.
  package enum Host: Hashable, Sendable {
    /// All local addresses of both families with one socket if the host has IPv6. A Go server does the same for
    /// `0.0.0.0` and for `::`.
    case any
    /// All local addresses of one family.
    case anyOf(IPFamily)
    case address(IPAddress)
  }

  package let host: Host
  /// 0: the kernel selects a free port.
  package let port: UInt16

  package init(_ host: Host, port: UInt16) {
    self.host = host
    self.port = port
  }

  /// A bind address of the configuration. An unspecified address means both families.
  package init(_ socket: SocketAddress) {
    self.init(socket.address.isUnspecified ? .any : .address(socket.address), port: socket.port)
  }

  package var description: String {
    switch host {
    case .any: "[::]:\(port)"
    case .anyOf(.ipv4): "0.0.0.0:\(port)"
    case .anyOf(.ipv6): "[::]:\(port)"
    case .address(let address): SocketAddress(address, port: port).description
    }
  }
}
