/// An address with a port, written as `10.10.0.2:53` or `[fd00::2]:53`.
package struct SocketAddress: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let address: IPAddress
  package let port: UInt16

  package init(_ address: IPAddress, port: UInt16) {
    self.address = address
    self.port = port
  }

  /// Reads `10.10.0.2:53` and `[fd00::2]:53`; nil if there is no port, or a range of addresses or ports.
  package init?(_ text: String) {
    let parts = HostAndPort(text)
    guard let port = parts.port, let address = parts.address() else { return nil }
    self.init(address, port: port)
  }

  package var description: String { "\(HostAndPort.bracketed(address.description)):\(port)" }

  package static func < (left: SocketAddress, right: SocketAddress) -> Bool {
    (left.address, left.port) < (right.address, right.port)
  }
}
