import ServiceModel

/// One condition of a rule.
public enum Match: Hashable, Sendable {
  case comment(Comment)
  /// `-p` together with the protocol's own match module, as kube-proxy writes it.
  case transport(TransportProtocol)
  /// `-p` alone, for rules that do not match a port. The protocol's match module would only cost time.
  case protocolAlone(TransportProtocol)
  case source(AddressMatch, negated: Bool = false)
  case destination(AddressMatch, negated: Bool = false)
  case destinationPort(ClosedRange<UInt16>)
  case inInterface(InterfacePattern, negated: Bool = false)
  case sourceType(AddressType)
  case destinationType(AddressType)
  case connectionState(ConnectionStates, negated: Bool = false)
  case mark(UInt32, mask: UInt32, negated: Bool = false)
  /// True at random with this probability.
  case statistic(Probability)
  /// Whether the source address was put on list `name` in the last `seconds`. The kernel drops older entries
  /// (`--reap`).
  case recentCheck(name: ChainName, seconds: Int)
  /// Puts the source address on list `name`; always true.
  case recentSet(name: ChainName)
  /// Counts in the named accounting object; always true.
  case accounting(name: String)
  /// Whether the packet's source and destination address are the same (`-m bpf`).
  case sameAddresses(IPFamily)
  /// A match that this program does not write itself, in the words that were read.
  case other([String])
}

/// The address part of `-s` and `-d`.
public enum AddressMatch: Hashable, Sendable {
  /// One address, written without a prefix length.
  case host(IPAddress)
  case network(CIDR)

  public func contains(_ address: IPAddress) -> Bool {
    switch self {
    case .host(let host): host == address
    case .network(let cidr): cidr.contains(address)
    }
  }

  /// A network of a single address becomes that address.
  public var canonical: AddressMatch {
    if case .network(let cidr) = self, cidr.isHost { return .host(cidr.address) }
    return self
  }

  public var cidr: CIDR {
    switch self {
    case .host(let host): CIDR(host: host)
    case .network(let cidr): cidr
    }
  }
}

/// `eth0`, or `veth+` for every name that starts with `veth`.
public struct InterfacePattern: Hashable, Sendable, CustomStringConvertible {
  public let name: String
  public let isPrefix: Bool

  /// nil unless `name` is a valid interface name.
  public init?(name: String, isPrefix: Bool) {
    guard NameRule.isInterface(name) else { return nil }
    self.name = name
    self.isPrefix = isPrefix
  }

  public func matches(_ interface: String) -> Bool { isPrefix ? interface.hasPrefix(name) : interface == name }
  public var description: String { isPrefix ? name + "+" : name }
}

/// Kinds of addresses according to the routing table (`-m addrtype`).
public enum AddressType: String, Hashable, Sendable {
  case local = "LOCAL"
}

/// States of `-m conntrack --ctstate`, rendered in the order that iptables-save uses.
public struct ConnectionStates: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let invalid = ConnectionStates(rawValue: 1)
  public static let new = ConnectionStates(rawValue: 2)
  public static let related = ConnectionStates(rawValue: 4)
  public static let established = ConnectionStates(rawValue: 8)
  public static let untracked = ConnectionStates(rawValue: 16)
  public static let snat = ConnectionStates(rawValue: 32)
  public static let dnat = ConnectionStates(rawValue: 64)

  package static let names: [(ConnectionStates, String)] = [
    (.invalid, "INVALID"), (.new, "NEW"), (.related, "RELATED"), (.established, "ESTABLISHED"),
    (.untracked, "UNTRACKED"), (.snat, "SNAT"), (.dnat, "DNAT"),
  ]

  public var description: String {
    ConnectionStates.names.filter { contains($0.0) }.map(\.1).joined(separator: ",")
  }
}
