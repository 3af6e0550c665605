import IPTables
import Planner
import ServiceModel

extension FailureReason {
  /// Services that have the address or the port, but not both; or both, and no rule for them.
  static func nearMiss(_ packet: Packet, _ scene: Scene) -> FailureReason? {
    let destination = packet.destination
    var ports: [String: Set<String>] = [:]
    // Behind an external or load-balancer IP there may be more than Services; a cluster IP is theirs alone.
    var isClusterIP = false
    for address in scene.index.addresses where address.address == destination.address {
      ports[address.label.service.description, default: []].insert("\(address.port)/\(address.transport.rawValue)")
      if address.kind == .clusterIP { isClusterIP = true }
    }
    for service in scene.snapshot?.services.values.map({ $0 }) ?? [] {
      for address in ServiceAddress.all(of: service, scene.family) where address.address == destination.address {
        ports[service.name.description, default: []].insert("\(address.port)/\(address.transport.rawValue)")
        if address.kind == .clusterIP { isClusterIP = true }
      }
    }
    if !ports.isEmpty {
      let wanted = "\(destination.port)/\(packet.transport.rawValue)"
      if let owner = ports.first(where: { $0.value.contains(wanted) }) {
        return FailureReason(
          "Service \(owner.key) has this address and port, but these rules do not lead there", advice: "run diff",
          isMiss: true)
      }
      let known = ports.sorted { $0.key < $1.key }.map { "\($0.key) with \($0.value.sorted().joined(separator: ", "))" }
      return FailureReason(
        "no Service has port \(wanted) at this address; there is \(known.joined(separator: "; "))", isMiss: isClusterIP)
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
        advice: "ask an address of the node"
          + (isIPv6 ? "" : "; iptables.localhostNodePorts and nodePortAddresses say whether loopback answers"),
        isMiss: true)
    }
    if let isNodePort, scene.host.isLocal(destination.address) {
      return FailureReason(
        "\(destination.port) is a node port of \(isNodePort.label), but not on this address",
        advice: "ask an address that nodePortAddresses covers", isMiss: true)
    }
    return otherNode(destination.address, scene)
  }

  /// What arrives at another node that node's rules decide.
  private static func otherNode(_ address: IPAddress, _ scene: Scene) -> FailureReason? {
    let nodes = scene.snapshot?.nodes.values.filter { $0.addresses.contains(address) } ?? []
    guard let node = nodes.map(\.name).min(), node != scene.options?.nodeName else { return nil }
    return FailureReason(
      "\(address) is an address of node \(node), whose own rules decide",
      advice: "ask there; with objects alone, --hostname-override \(node) shows it")
  }
}
