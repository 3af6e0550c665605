import ServiceModel

/// The parts of a lab: nodes, the pods on them, and one client outside, with the addresses of a kind cluster.
///
/// Node *i* has 172.18.0.(2+*i*) and fc00:f853:ccd:e793::(2+*i*). Its pods have 10.10.*i*.2… and fd00:10:10:*i*::2….
public struct Layout: Sendable {
  /// A node and the names of its pods.
  public struct Node: Sendable {
    public var name: String
    public var pods: [String]

    public init(_ name: String, pods: [String] = []) {
      self.name = name
      self.pods = pods
    }
  }

  public var nodes: [Node]
  public var outsider: String

  public init(nodes: [Node], outsider: String = "mypc") {
    self.nodes = nodes
    self.outsider = outsider
  }

  /// The pod network of the whole cluster.
  public static func podNetwork(_ family: IPFamily) -> CIDR {
    CIDR(family == .ipv4 ? "10.10.0.0/16" : "fd00:10:10::/56")!
  }

  /// The network of the cluster IPs.
  public static func serviceNetwork(_ family: IPFamily) -> CIDR {
    CIDR(family == .ipv4 ? "10.200.1.0/24" : "fd00:10:200::/112")!
  }

  /// The network of the nodes and the outside client.
  public static func nodeNetwork(_ family: IPFamily) -> CIDR {
    CIDR(family == .ipv4 ? "172.18.0.0/16" : "fc00:f853:ccd:e793::/64")!
  }

  static func podCIDR(_ family: IPFamily, node: Int) -> CIDR {
    let network = podNetwork(family)
    let shift: UInt128 = family == .ipv4 ? 8 : 64
    let address = IPAddress(family: family, bits: network.address.bits | UInt128(node) << shift)
    return CIDR(address, prefixLength: family == .ipv4 ? 24 : 64)!
  }

  /// The address with this number in a network.
  public static func address(_ number: Int, in network: CIDR) -> IPAddress {
    IPAddress(family: network.family, bits: network.address.bits + UInt128(number))
  }
}

/// One address of each family.
public struct Addresses: Hashable, Sendable {
  public let ipv4: IPAddress
  public let ipv6: IPAddress

  public subscript(family: IPFamily) -> IPAddress { family == .ipv4 ? ipv4 : ipv6 }

  public init(_ make: (IPFamily) -> IPAddress) {
    ipv4 = make(.ipv4)
    ipv6 = make(.ipv6)
  }
}

/// A host with its own network namespace and addresses.
public protocol LabHost: Sendable {
  var name: String { get }
  var namespace: NetworkNamespace { get }
  var addresses: Addresses { get }
}

/// A node of the lab's cluster.
public struct LabNode: LabHost {
  public let name: String
  public let namespace: NetworkNamespace
  public let addresses: Addresses
  /// 0 for the first node.
  public let number: Int

  public func podCIDR(_ family: IPFamily) -> CIDR { Layout.podCIDR(family, node: number) }

  /// The gateway of this node's pods. The node has this address on its side of each pod's link.
  public func gateway(_ family: IPFamily) -> IPAddress { Layout.address(1, in: podCIDR(family)) }
}

/// A pod, connected to its node as by the ptp CNI plugin.
public struct LabPod: LabHost {
  public let name: String
  public let namespace: NetworkNamespace
  public let addresses: Addresses
  public let node: String
  /// The name of its link on the node.
  public let hostInterface: String
}

/// A machine outside of the cluster, on the nodes' network.
public struct LabOutsider: LabHost {
  public let name: String
  public let namespace: NetworkNamespace
  public let addresses: Addresses
}
