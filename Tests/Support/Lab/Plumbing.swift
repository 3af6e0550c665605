import ServiceModel

/// The input for `ip -batch` that makes a lab's links, addresses and routes.
struct Plumbing {
  let lab: Lab
  /// The namespace with the bridge, which stands for the containers' network.
  var network: NetworkNamespace { lab.network }

  var allNamespaces: [NetworkNamespace] {
    [network, lab.outsider.namespace] + lab.nodes.map(\.namespace) + lab.pods.map(\.namespace)
  }

  func makeNamespaces() -> String { allNamespaces.map { "netns add \($0.name)\n" }.joined() }

  /// The bridge, with a port for each machine.
  func bridge() -> String {
    var lines = ["link set lo up", "link add br0 type bridge"]
    for family in IPFamily.allCases {
      lines.append("addr add \(gateway(family)) dev br0\(family == .ipv6 ? " nodad" : "")")
    }
    lines.append("link set br0 up")
    let machines: [any LabHost] = lab.nodes + [lab.outsider]
    for (index, machine) in machines.enumerated() {
      lines.append("link add port\(index) type veth peer name eth0 netns \(machine.namespace.name)")
      lines.append("link set port\(index) master br0 up")
    }
    return Plumbing.batch(lines)
  }

  /// The bridge's address on the containers' network. It is the default gateway of all machines.
  private func gateway(_ family: IPFamily) -> String {
    let network = Layout.nodeNetwork(family)
    return "\(Layout.address(1, in: network))/\(network.prefixLength)"
  }

  /// Addresses on the containers' network, and the default route.
  private func ethernet(_ machine: any LabHost) -> [String] {
    ["link set lo up"]
      + IPFamily.allCases.map { family in
        let length = Layout.nodeNetwork(family).prefixLength
        return "addr add \(machine.addresses[family])/\(length) dev eth0\(family == .ipv6 ? " nodad" : "")"
      } + ["link set eth0 up"]
      + IPFamily.allCases.map { "route add default via \(Layout.address(1, in: Layout.nodeNetwork($0))) dev eth0" }
  }

  func outsider() -> String { Plumbing.batch(ethernet(lab.outsider)) }

  /// A node: its address, a route to the pods of each other node as kindnet makes it, and a link to each of its pods.
  func node(_ node: LabNode) -> String {
    var lines = ethernet(node)
    for other in lab.nodes where other.name != node.name {
      for family in IPFamily.allCases {
        lines.append("route add \(other.podCIDR(family)) via \(other.addresses[family]) dev eth0")
      }
    }
    for pod in lab.pods where pod.node == node.name {
      lines.append("link add \(pod.hostInterface) type veth peer name eth0 netns \(pod.namespace.name)")
      lines.append("addr add \(node.gateway(.ipv4))/32 dev \(pod.hostInterface)")
      lines.append("addr add \(node.gateway(.ipv6))/128 dev \(pod.hostInterface) nodad")
      lines.append("link set \(pod.hostInterface) up")
      for family in IPFamily.allCases {
        lines.append("route add \(CIDR(host: pod.addresses[family])) dev \(pod.hostInterface)")
      }
    }
    return Plumbing.batch(lines)
  }

  /// A pod: all of its routes go to its node.
  func pod(_ pod: LabPod, on node: LabNode) -> String {
    var lines = ["link set lo up"]
    for family in IPFamily.allCases {
      let gateway = node.gateway(family)
      lines.append("addr add \(CIDR(host: pod.addresses[family])) dev eth0\(family == .ipv6 ? " nodad" : "")")
      if family == .ipv4 { lines.append("link set eth0 up") }
      lines.append("route add \(CIDR(host: gateway)) dev eth0")
      lines.append("route add default via \(gateway) dev eth0")
    }
    return Plumbing.batch(lines)
  }

  private static func batch(_ lines: [String]) -> String { lines.map { $0 + "\n" }.joined() }
}
