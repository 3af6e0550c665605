import IPTables
import ServiceModel

/// The first packet of a connection when it enters this host's network stack.
public struct Packet: Hashable, Sendable {
  /// Where it comes from.
  public enum Origin: Hashable, Sendable {
    /// A process on this host, in the host's network namespace.
    case host
    /// An interface; nil if its name is not known.
    case interface(String?)
  }

  public var source: IPAddress
  public var destination: SocketAddress
  public var transport: TransportProtocol
  public var origin: Origin
  /// nil if not known.
  public var sourcePort: UInt16?
  /// conntrack's states of the packet. Only a new packet passes the nat table.
  public var state: ConnectionStates
  public var mark: UInt32

  public init(
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
public struct WalkHost: Hashable, Sendable {
  /// Addresses of this host's interfaces. Loopback addresses are local even if they are not listed.
  public var localAddresses: Set<IPAddress>
  /// The outgoing interface for each block of addresses, as far as it is known. The longest prefix decides.
  public var routes: [CIDR: String]
  /// Source addresses on the lists of `-m recent`. None of the entries has expired.
  public var recent: [ChainName: Set<IPAddress>]

  public init(
    localAddresses: Set<IPAddress> = [], routes: [CIDR: String] = [:], recent: [ChainName: Set<IPAddress>] = [:]
  ) {
    self.localAddresses = localAddresses
    self.routes = routes
    self.recent = recent
  }

  /// Whether the host delivers packets for this address itself.
  public func isLocal(_ address: IPAddress) -> Bool { address.isLoopback || localAddresses.contains(address) }

  /// The interface by which packets for this address leave; nil if not known.
  public func outInterface(to address: IPAddress) -> String? {
    if isLocal(address) { return "lo" }
    let longest = routes.filter { $0.key.contains(address) }.max { $0.key.prefixLength < $1.key.prefixLength }
    return longest?.value
  }
}
