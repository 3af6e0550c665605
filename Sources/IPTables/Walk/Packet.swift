import ServiceModel

/// The first packet of a connection, as it is when it enters this host's network stack.
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
  /// What conntrack thinks of it. Only a packet that is new meets the nat table.
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

/// What a packet's way depends on besides rules.
public struct WalkHost: Hashable, Sendable {
  /// Addresses of this host's interfaces. Loopback addresses are local without being listed.
  public var localAddresses: Set<IPAddress>
  /// Which interface leads to which addresses, as far as it is known; the longest prefix counts.
  public var routes: [CIDR: String]
  /// Source addresses that are on lists of `-m recent`, none of them too old.
  public var recent: [ChainName: Set<IPAddress>]

  public init(
    localAddresses: Set<IPAddress> = [], routes: [CIDR: String] = [:], recent: [ChainName: Set<IPAddress>] = [:]
  ) {
    self.localAddresses = localAddresses
    self.routes = routes
    self.recent = recent
  }

  /// Whether the host keeps packets to this address.
  public func isLocal(_ address: IPAddress) -> Bool { address.isLoopback || localAddresses.contains(address) }

  /// The interface that packets to this address leave by; nil if not known.
  public func outInterface(to address: IPAddress) -> String? {
    if isLocal(address) { return "lo" }
    let longest = routes.filter { $0.key.contains(address) }.max { $0.key.prefixLength < $1.key.prefixLength }
    return longest?.value
  }
}
