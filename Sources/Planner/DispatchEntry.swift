import IPTables
import ServiceModel

/// The chains that send packets on to Services. Only these chains grow with the number of Services.
package enum DispatchChain: Int, Hashable, Sendable, CaseIterable, Comparable {
  case filterServices, externalServices, healthCheckNodePorts, proxyFirewall, natServices, natNodePorts

  package var key: ChainKey {
    switch self {
    case .filterServices: ChainKey(.filter, .services)
    case .externalServices: ChainKey(.filter, .externalServices)
    case .healthCheckNodePorts: ChainKey(.filter, .nodePorts)
    case .proxyFirewall: ChainKey(.filter, .proxyFirewall)
    case .natServices: ChainKey(.nat, .services)
    case .natNodePorts: ChainKey(.nat, .nodePorts)
    }
  }

  package static func < (left: DispatchChain, right: DispatchChain) -> Bool { left.rawValue < right.rawValue }
}

/// The destination that a dispatch rule matches. It also gives the rule's place among its chain's rules.
package struct DispatchKey: Hashable, Sendable, Comparable {
  /// nil for a node port, which is valid for several addresses.
  package let address: IPAddress?
  package let port: UInt16
  package let transport: TransportProtocol
  /// Orders the rules of one destination: the more specific rule stands first.
  let rank: UInt8
  /// Orders the rules of Services that claim the same destination.
  let owner: ServicePortName

  var destination: ClaimedAddress { ClaimedAddress(address, port: port, transport) }

  package static func < (left: DispatchKey, right: DispatchKey) -> Bool {
    let (first, second) = (left.destination, right.destination)
    if first != second { return first < second }
    return left.rank == right.rank ? left.owner < right.owner : left.rank < right.rank
  }
}

/// One rule of a dispatch chain, as data. The rule itself is built when it is written.
package struct DispatchEntry: Hashable, Sendable {
  /// Why the chain has a rule for this destination.
  package enum Reason: UInt8, Hashable, Sendable {
    case clusterIP, externalIP, loadBalancerIP, localhostNodePort, nodePort, healthCheckNodePort
    case noEndpoints, noLocalEndpoints, firewall
  }

  package let chain: DispatchChain
  package let key: DispatchKey
  package let reason: Reason
  /// The kind of claim that the destination comes from; nil for a health-check node port.
  package let kind: AddressClaim.Kind?
  package let target: Target

  /// The service port that the rule is for.
  package var owner: ServicePortName { key.owner }

  init(
    _ chain: DispatchChain, _ reason: Reason, to address: IPAddress?, port: UInt16, of owner: ServicePortName,
    as kind: AddressClaim.Kind?, transport: TransportProtocol? = nil, _ target: Target
  ) {
    self.chain = chain
    self.reason = reason
    self.kind = kind
    self.target = target
    key = DispatchKey(
      address: address, port: port, transport: transport ?? owner.transport, rank: reason.rawValue, owner: owner)
  }

  /// The rule in kube-proxy's spelling.
  package var rule: Rule {
    let destination = key.address.map { [Match.destination(.host($0))] } ?? []
    let port = Match.destinationPort(key.port...key.port)
    var matches: [Match] = [.comment(Comment(checked: comment))]
    switch reason {
    case .localhostNodePort:
      matches += [
        .transport(key.transport), .destination(.network(DispatchEntry.loopback)), port,
        .accounting(name: DispatchEntry.localhostCounter),
      ]
    case .noEndpoints, .noLocalEndpoints:
      if key.address == nil { matches.append(.destinationType(.local)) }
      matches += [.transport(key.transport)] + destination + [port]
    default:
      matches += [.transport(key.transport)] + destination + [port]
    }
    return Rule(matches, target)
  }

  private var comment: String {
    switch reason {
    case .clusterIP: "\(owner) cluster IP"
    case .externalIP: "\(owner) external IP"
    case .loadBalancerIP: "\(owner) loadbalancer IP"
    case .localhostNodePort, .nodePort: "\(owner)"
    case .healthCheckNodePort: "\(owner) health check node port"
    case .noEndpoints: "\(owner) has no endpoints"
    case .noLocalEndpoints: "\(owner) has no local endpoints"
    case .firewall: "\(owner) traffic not accepted by \(ChainNaming.chain(.firewall, of: owner))"
    }
  }

  private static let loopback = CIDR("127.0.0.0/8")!
  /// The accounting object that counts packets to node ports on loopback.
  static let localhostCounter = "localhost_nps_accepted_pkts"
}
