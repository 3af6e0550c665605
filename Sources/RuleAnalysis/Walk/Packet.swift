import IPTables
import ServiceModel

/// The first packet of a connection when it enters this host's network stack.
package struct Packet: Hashable, Sendable {
  /// Where it comes from.
  package enum Origin: Hashable, Sendable {
    /// A process on this host, in the host's network namespace.
    case host
    /// An interface; nil if its name is not known.
    case interface(String?)
  }

  package var source: IPAddress
  package var destination: SocketAddress
  package var transport: TransportProtocol
  package var origin: Origin
  /// nil if not known.
  package var sourcePort: UInt16?
  /// conntrack's states of the packet. Only a new packet passes the nat table.
  package var state: ConnectionStates
  package var mark: UInt32

  package init(
    from source: IPAddress, to destination: SocketAddress, _ transport: TransportProtocol = .tcp,
    origin: Origin = .interface(nil), sourcePort: UInt16? = nil, state: ConnectionStates = .new, mark: UInt32 = 0
  ) {
    self.source = source
    self.destination = destination
    self.transport = transport
    self.origin = origin
    self.sourcePort = sourcePort
    self.state = state
    self.mark = mark
  }
}

/// The facts besides rules that decide a packet's path.
package struct WalkHost: Hashable, Sendable {
  /// Addresses of this host's interfaces. Loopback addresses are local even if they are not listed.
  package var localAddresses: Set<IPAddress>
  /// The outgoing interface for each block of addresses, as far as it is known. The longest prefix decides.
  package var routes: [CIDR: String]
  /// Source addresses on the lists of `-m recent`. None of the entries has expired.
  package var recent: [ChainName: Set<IPAddress>]

  package init(
    localAddresses: Set<IPAddress> = [], routes: [CIDR: String] = [:], recent: [ChainName: Set<IPAddress>] = [:]
  ) {
    self.localAddresses = localAddresses
    self.routes = routes
    self.recent = recent
  }

  /// Whether the host delivers packets for this address itself.
  package func isLocal(_ address: IPAddress) -> Bool { address.isLoopback || localAddresses.contains(address) }

  /// The interface by which packets for this address leave; nil if not known.
  func outInterface(to address: IPAddress) -> String? {
    if isLocal(address) { return "lo" }
    let longest = routes.filter { $0.key.contains(address) }.max { $0.key.prefixLength < $1.key.prefixLength }
    return longest?.value
  }
}
