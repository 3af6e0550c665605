/// An address with a port, written as `10.10.0.2:53` or `[fd00::2]:53`.
public struct SocketAddress: Hashable, Sendable, Comparable, CustomStringConvertible {
  public let address: IPAddress
  public let port: UInt16

  public init(_ address: IPAddress, port: UInt16) {
    self.address = address
    self.port = port
  }

  public var description: String { address.family == .ipv4 ? "\(address):\(port)" : "[\(address)]:\(port)" }

  public static func < (left: SocketAddress, right: SocketAddress) -> Bool {
    (left.address, left.port) < (right.address, right.port)
  }
}
