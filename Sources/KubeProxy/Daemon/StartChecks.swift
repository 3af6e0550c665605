import Configuration
import KubernetesAPI
import Planner
import ServiceModel

/// Finds settings that are valid, but do not fit this node. Makes the checks that kube-proxy makes at its start, and
/// some more.
package struct StartChecks {
  private let configuration: ProxyConfiguration
  /// The families that get rules.
  private let families: [IPFamily]
  private let node: Node?
  private let host: PlannerSurroundings

  package init(_ configuration: ProxyConfiguration, families: [IPFamily], node: Node?, host: PlannerSurroundings) {
    self.configuration = configuration
    self.families = families
    self.node = node
    self.host = host
  }

  /// One line for each problem. It begins with the name of the field.
  package var warnings: [String] {
    localTraffic + nodePorts + servers + withoutEffect
  }

  /// kube-proxy's primary family: the family of the bind address or of the Node's first address.
  private var primary: IPFamily {
    let bind = configuration.bindAddress
    return bind.isUnspecified ? node?.addresses.first?.family ?? bind.family : bind.family
  }

  private func other(than family: IPFamily) -> IPFamily { family == .ipv4 ? .ipv6 : .ipv4 }

  private func isOnlyOfOtherFamily(_ blocks: [CIDR]) -> Bool {
    !blocks.isEmpty && !blocks.contains { $0.family == primary }
  }

  private func onlyOther(_ field: String) -> String {
    let other = other(than: primary).rawValue
    return "\(field) has only \(other) blocks, but this node's primary family is \(primary.rawValue)"
  }

  private var localTraffic: [String] {
    switch configuration.detectLocalMode {
    case .clusterCIDR where isOnlyOfOtherFamily(configuration.clusterCIDRs):
      ["\(onlyOther("clusterCIDR")): \(primary.rawValue) pods cannot be distinguished from clients outside"]
    case .nodeCIDR where isOnlyOfOtherFamily(node?.podCIDRs ?? []):
      [
        "detectLocalMode: \(onlyOther("the Node's spec.podCIDRs")): "
          + "\(primary.rawValue) pods cannot be distinguished from clients outside"
      ]
    default: []
    }
  }

  private var nodePorts: [String] {
    guard configuration.nodePortAddresses != .all else { return [] }
    var texts: [String] = []
    if case .cidrs(let blocks) = configuration.nodePortAddresses {
      if isOnlyOfOtherFamily(blocks) {
        texts.append("\(onlyOther("nodePortAddresses")): node ports answer on all its \(primary.rawValue) addresses")
      } else if isDualStack, families.contains(other(than: primary)),
        !blocks.contains(where: { $0.family == other(than: primary) })
      {
        let other = other(than: primary).rawValue
        texts.append(
          "nodePortAddresses has only \(primary.rawValue) blocks, but this node is dual-stack: node ports answer on all its "
            + "\(other) addresses")
      }
    }
    let source = PlannerOptionsSource(configuration: configuration, extra: ExtraSettings())
    var snapshot = ClusterSnapshot()
    if let node { snapshot.set(node) }
    for family in families where node != nil || configuration.nodePortAddresses != .primary {
      let addresses = source.options(family, snapshot: snapshot, host: host).nodePortAddresses
      if addresses.addresses?.isEmpty == true {
        texts.append(
          "nodePortAddresses matches no \(family.rawValue) address of this host: node ports do not answer over "
            + family.rawValue)
      }
    }
    return texts
  }

  /// Whether the cluster CIDRs, the pod CIDRs or the Node's addresses contain both families.
  private var isDualStack: Bool {
    func hasBoth(_ families: [IPFamily]) -> Bool { Set(families).count == 2 }
    return hasBoth(configuration.clusterCIDRs.map(\.family)) || hasBoth((node?.podCIDRs ?? []).map(\.family))
      || hasBoth((node?.addresses ?? []).map(\.family))
  }

  private var servers: [String] {
    [("healthzBindAddress", configuration.healthzAddress), ("metricsBindAddress", configuration.metricsAddress)]
      .compactMap { field, address in
        guard let address = address, address.address.family != primary, !address.address.isUnspecified,
          !address.address.isLoopback
        else { return nil }
        return
          "\(field): \(address) is an \(address.address.family.rawValue) address, but this node's primary family is "
          + primary.rawValue
      }
  }

  private var withoutEffect: [String] {
    let source = configuration.source
    var texts: [String] = []
    if !source.detectLocal.bridgeInterface.isEmpty, source.detectLocalMode != "BridgeInterface" {
      texts.append("detectLocal.bridgeInterface has no effect with detectLocalMode \(source.detectLocalMode)")
    }
    if !source.detectLocal.interfaceNamePrefix.isEmpty, source.detectLocalMode != "InterfaceNamePrefix" {
      texts.append("detectLocal.interfaceNamePrefix has no effect with detectLocalMode \(source.detectLocalMode)")
    }
    if configuration.conntrack.maxPerCore == nil, configuration.conntrack.minimum > 0,
      configuration.conntrack.minimum != KubeProxyConfiguration.defaultConntrackMinimum
    {
      texts.append("conntrack.min has no effect because conntrack.maxPerCore is 0")
    }
    return texts
  }
}
