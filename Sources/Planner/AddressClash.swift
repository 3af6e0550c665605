import ServiceModel

/// An address and port that a Service can claim, or a node port.
package struct ClaimedAddress: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// nil for a node port.
  package let address: IPAddress?
  package let port: UInt16
  package let transport: TransportProtocol

  package init(_ address: IPAddress?, port: UInt16, _ transport: TransportProtocol) {
    self.address = address
    self.port = port
    self.transport = transport
  }

  /// Sorts by address, with node ports last, then by port and protocol.
  package static func < (left: ClaimedAddress, right: ClaimedAddress) -> Bool {
    if left.address != right.address {
      guard let first = left.address else { return false }
      guard let second = right.address else { return true }
      return first < second
    }
    return (left.port, left.transport) < (right.port, right.transport)
  }

  /// `203.0.113.1:80/TCP`, or `node port 30080/TCP`.
  package var description: String {
    let place = address.map { SocketAddress($0, port: port).description } ?? "node port \(port)"
    return "\(place)/\(transport.rawValue)"
  }
}

/// One Service's claim to an address and port.
package struct AddressClaim: Hashable, Sendable {
  /// The field that the claim comes from.
  package enum Kind: UInt8, Hashable, Sendable {
    case clusterIP, externalIP, loadBalancerIP, nodePort
  }

  /// Whether the rules have an endpoint to send packets to.
  package enum State: Hashable, Sendable {
    case served
    /// There are endpoints, but none on this node, and the traffic policy is Local.
    case noLocalEndpoints
    case noEndpoints
  }

  /// Clients whose packets the claim's rules do not match. Later rules decide about these packets.
  package struct Limits: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    /// Clients outside of `loadBalancerSourceRanges`.
    package static let sourceRanges = Limits(rawValue: 1)
    /// Clients outside of the cluster, because the external traffic policy is Local and no endpoint is on this node.
    package static let noLocalEndpoints = Limits(rawValue: 2)
  }

  package let port: ServicePortName
  package let kind: Kind
  package let state: State
  package let limits: Limits
}

/// An address and port that two or more Services claim. The API server does not prevent this for external IPs and
/// load-balancer IPs. In manifest files nothing prevents it.
package struct AddressClash: Hashable, Sendable {
  package let address: ClaimedAddress
  /// At least two claims, of at least two Services, in the order in which a packet meets their rules. The first claim
  /// wins.
  package let claims: [AddressClaim]

  package var winner: AddressClaim { claims[0] }
}
