import ServiceModel

/// One condition of a rule.
package enum Match: Hashable, Sendable {
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
package enum AddressMatch: Hashable, Sendable {
  /// One address, written without a prefix length.
  case host(IPAddress)
  case network(CIDR)

  package func contains(_ address: IPAddress) -> Bool {
    switch self {
    case .host(let host): host == address
    case .network(let cidr): cidr.contains(address)
    }
  }

  /// A network of a single address becomes that address.
  package var canonical: AddressMatch {
    if case .network(let cidr) = self, cidr.isHost { return .host(cidr.address) }
    return self
  }

  package var cidr: CIDR {
    switch self {
    case .host(let host): CIDR(host: host)
    case .network(let cidr): cidr
    }
  }
}

/// `eth0`, or `veth+` for every name that starts with `veth`.
package struct InterfacePattern: Hashable, Sendable, CustomStringConvertible {
  package let name: String
  package let isPrefix: Bool

  /// nil unless `name` is a valid interface name.
  package init?(name: String, isPrefix: Bool) {
    guard NameRule.isInterface(name) else { return nil }
    self.name = name
    self.isPrefix = isPrefix
  }

  package func matches(_ interface: String) -> Bool { isPrefix ? interface.hasPrefix(name) : interface == name }
  package var description: String { isPrefix ? name + "+" : name }
}

/// Kinds of addresses according to the routing table (`-m addrtype`).
package enum AddressType: String, Hashable, Sendable {
  case local = "LOCAL"
}

/// States of `-m conntrack --ctstate`, rendered in the order that iptables-save uses.
package struct ConnectionStates: OptionSet, Hashable, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let invalid = ConnectionStates(rawValue: 1)
  package static let new = ConnectionStates(rawValue: 2)
  package static let related = ConnectionStates(rawValue: 4)
  package static let established = ConnectionStates(rawValue: 8)
  static let untracked = ConnectionStates(rawValue: 16)
  package static let snat = ConnectionStates(rawValue: 32)
  package static let dnat = ConnectionStates(rawValue: 64)

  package static let names: [(ConnectionStates, String)] = [
    (.invalid, "INVALID"), (.new, "NEW"), (.related, "RELATED"), (.established, "ESTABLISHED"),
    (.untracked, "UNTRACKED"), (.snat, "SNAT"), (.dnat, "DNAT"),
  ]

  package var description: String {
    ConnectionStates.names.filter { contains($0.0) }.map(\.1).joined(separator: ",")
  }
}
