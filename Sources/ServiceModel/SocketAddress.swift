/// An address with a port, written as `10.10.0.2:53` or `[fd00::2]:53`.
package struct SocketAddress: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let address: IPAddress
  package let port: UInt16

  package init(_ address: IPAddress, port: UInt16) {
    self.address = address
    self.port = port
  }

  package var description: String { address.family == .ipv4 ? "\(address):\(port)" : "[\(address)]:\(port)" }

  package static func < (left: SocketAddress, right: SocketAddress) -> Bool {
    (left.address, left.port) < (right.address, right.port)
  }
}
