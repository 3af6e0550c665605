import ServiceModel

/// The parts of a lab: nodes, the pods on them, and one client outside, with the addresses of a kind cluster.
///
/// Node *i* has 172.18.0.(2+*i*) and fc00:f853:ccd:e793::(2+*i*). Its pods have 10.10.*i*.2… and fd00:10:10:*i*::2….
package struct Layout: Sendable {
  /// A node and the names of its pods.
  package struct Node: Sendable {
    package var name: String
    package var pods: [String]

    package init(_ name: String, pods: [String] = []) {
      self.name = name
      self.pods = pods
    }
  }

  package var nodes: [Node]
  package var outsider: String

  package init(nodes: [Node], outsider: String = "mypc") {
    self.nodes = nodes
    self.outsider = outsider
  }

  /// The pod network of the whole cluster.
  package static func podNetwork(_ family: IPFamily) -> CIDR {
    CIDR(family == .ipv4 ? "10.10.0.0/16" : "fd00:10:10::/56")!
  }

  /// The network of the cluster IPs.
  package static func serviceNetwork(_ family: IPFamily) -> CIDR {
    CIDR(family == .ipv4 ? "10.200.1.0/24" : "fd00:10:200::/112")!
  }

  /// The network of the nodes and the outside client.
  package static func nodeNetwork(_ family: IPFamily) -> CIDR {
    CIDR(family == .ipv4 ? "172.18.0.0/16" : "fc00:f853:ccd:e793::/64")!
  }

  static func podCIDR(_ family: IPFamily, node: Int) -> CIDR {
    let network = podNetwork(family)
    let shift: UInt128 = family == .ipv4 ? 8 : 64
    let address = IPAddress(family: family, bits: network.address.bits | UInt128(node) << shift)
    return CIDR(address, prefixLength: family == .ipv4 ? 24 : 64)!
  }

  /// The address with this number in a network.
  package static func address(_ number: Int, in network: CIDR) -> IPAddress {
    IPAddress(family: network.family, bits: network.address.bits + UInt128(number))
  }
}

/// One address of each family.
package struct Addresses: Hashable, Sendable {
  package let ipv4: IPAddress
  package let ipv6: IPAddress

  package subscript(family: IPFamily) -> IPAddress { family == .ipv4 ? ipv4 : ipv6 }

  package init(_ make: (IPFamily) -> IPAddress) {
    ipv4 = make(.ipv4)
    ipv6 = make(.ipv6)
  }
}

/// A host with its own network namespace and addresses.
package protocol LabHost: Sendable {
  var name: String { get }
  var namespace: NetworkNamespace { get }
  var addresses: Addresses { get }
}

/// A node of the lab's cluster.
package struct LabNode: LabHost {
  package let name: String
  package let namespace: NetworkNamespace
  package let addresses: Addresses
  /// 0 for the first node.
  package let number: Int

  package func podCIDR(_ family: IPFamily) -> CIDR { Layout.podCIDR(family, node: number) }

  /// The gateway of this node's pods. The node has this address on its side of each pod's link.
  package func gateway(_ family: IPFamily) -> IPAddress { Layout.address(1, in: podCIDR(family)) }
}

/// A pod, connected to its node as by the ptp CNI plugin.
package struct LabPod: LabHost {
  package let name: String
  package let namespace: NetworkNamespace
  package let addresses: Addresses
  package let node: String
  /// The name of its link on the node.
  package let hostInterface: String
}

/// A machine outside of the cluster, on the nodes' network.
package struct LabOutsider: LabHost {
  package let name: String
  package let namespace: NetworkNamespace
  package let addresses: Addresses
}
