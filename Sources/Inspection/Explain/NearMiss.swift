import IPTables
import Planner
import RuleAnalysis
import ServiceModel

extension FailureReason {
  /// Names Services that have the address but not the port, or the port but not the address. A Service that has both
  /// is named too, because the rules do not lead to it.
  static func nearMiss(_ packet: Packet, _ scene: Scene) -> FailureReason? {
    let destination = packet.destination
    let there = AddressOwners(packet, in: scene)
    if !there.ports.isEmpty {
      let owners = there.withPort
      if !owners.isEmpty {
        let list = owners.map(\.description).joined(separator: ", ")
        let names = owners.count == 1 ? "Service \(list) has" : "Services \(list) have"
        return FailureReason(
          "\(names) this address and port, but these rules do not lead there", advice: "run diff", isMiss: true)
      }
      let known = there.ports.sorted { $0.key < $1.key }.map {
        "\($0.key) with \($0.value.sorted().joined(separator: ", "))"
      }
      return FailureReason(
        "no Service has port \(there.wanted) at this address; there is \(known.joined(separator: "; "))",
        isMiss: there.isClusterIP)
    }
    if let owner = scene.snapshot?.unserved.first(where: { $0.addresses.contains(destination.address) }) {
      return FailureReason(
        "\(destination.address) is an external IP of Service \(owner.name), which gets no rules: \(owner.reason)",
        advice: "external IPs need a Service with a cluster IP", isMiss: true)
    }
    let isNodePort = scene.index.addresses.first {
      $0.kind == .nodePort && $0.port == destination.port && $0.transport == packet.transport
    }
    if let isNodePort, destination.address.isLoopback {
      let isIPv6 = scene.family == .ipv6
      return FailureReason(
        "\(destination.port) is a node port of \(isNodePort.label), but "
          + (isIPv6 ? "IPv6 has no node ports on loopback" : "node ports do not answer on loopback here"),
        advice: "use an address of the node"
          + (isIPv6 ? "" : "; iptables.localhostNodePorts and nodePortAddresses say whether loopback answers"),
        isMiss: true)
    }
    if let isNodePort, scene.host.isLocal(destination.address) {
      return FailureReason(
        "\(destination.port) is a node port of \(isNodePort.label), but not on this address",
        advice: "use an address that nodePortAddresses covers", isMiss: true)
    }
    return otherNode(destination.address, scene)
  }

  /// The reason if the destination is an address of another node, whose rules decide about the packet; otherwise nil.
  private static func otherNode(_ address: IPAddress, _ scene: Scene) -> FailureReason? {
    let nodes = scene.snapshot?.nodes.values.filter { $0.addresses.contains(address) } ?? []
    guard let node = nodes.map(\.name).min(), node != scene.options?.nodeName else { return nil }
    return FailureReason(
      "\(address) is an address of node \(node), whose own rules decide",
      advice: "run explain there; with objects alone, --hostname-override \(node) shows it")
  }
}
