import Configuration
import IPTables
import KubernetesAPI
import Planner
import ServiceModel

/// What the planner needs to know about the host.
package struct PlannerSurroundings: Sendable, Equatable {
  /// The addresses of all interfaces.
  package var interfaceAddresses: [IPAddress]
  package var features: [IPFamily: RuleFeatures]

  package init(interfaceAddresses: [IPAddress], features: [IPFamily: RuleFeatures]) {
    self.interfaceAddresses = interfaceAddresses
    self.features = features
  }
}

/// Settings that kube-proxy's configuration file has no field for.
package struct ExtraSettings: Hashable, Sendable {
  package var dispatch: DispatchMode
  package var endpointRules: EndpointRuleMode
  /// Ignores `spec.externalIPs` (CVE-2020-8554).
  package var ignoreExternalIPs: Bool

  package init(
    dispatch: DispatchMode = .auto, endpointRules: EndpointRuleMode = .auto, ignoreExternalIPs: Bool = false
  ) {
    self.dispatch = dispatch
    self.endpointRules = endpointRules
    self.ignoreExternalIPs = ignoreExternalIPs
  }
}

/// Derives the planner's options from the configuration, the Node and the host.
package struct PlannerOptionsSource: Sendable {
  package let configuration: ProxyConfiguration
  package let extra: ExtraSettings

  package init(configuration: ProxyConfiguration, extra: ExtraSettings) {
    self.configuration = configuration
    self.extra = extra
  }

  /// - Parameter snapshot: only the own Node and the ServiceCIDRs are used.
  package func options(_ family: IPFamily, snapshot: ClusterSnapshot, host: PlannerSurroundings) -> PlannerOptions {
    let node = snapshot.nodes[configuration.nodeName]
    var options = PlannerOptions(family: family, nodeName: configuration.nodeName)
    options.zone = node?.zone
    if let address = nodeIP(family, node) { options.nodeIP = address }
    options.masqueradeAll = configuration.masqueradeAll
    options.masqueradeBit = configuration.masqueradeBit
    options.localTraffic = localTraffic(family, node)
    options.nodePortAddresses = nodePortAddresses(family, node, host)
    options.localhostNodePorts = configuration.localhostNodePorts
    options.features = host.features[family] ?? RuleFeatures()
    options.serviceSubnets = configuration.serviceSubnets.blocks(in: snapshot).filter { $0.family == family }
    options.ignoreExternalIPs = extra.ignoreExternalIPs || !configuration.allowsExternalIPs
    options.dispatch = extra.dispatch
    options.endpointRules = extra.endpointRules
    return options
  }

  /// The bind address unless it is unspecified, otherwise the Node's first address of the family.
  private func nodeIP(_ family: IPFamily, _ node: Node?) -> IPAddress? {
    let bind = configuration.bindAddress
    if !bind.isUnspecified, bind.family == family { return bind }
    return node?.addresses.first { $0.family == family }
  }

  private func localTraffic(_ family: IPFamily, _ node: Node?) -> LocalTraffic {
    switch configuration.detectLocalMode {
    case .clusterCIDR: configuration.clusterCIDR(of: family).map { .source($0) } ?? .unknown
    case .nodeCIDR: node?.podCIDRs.first { $0.family == family }.map { .source($0) } ?? .unknown
    case .bridgeInterface(let name): interface(name, isPrefix: false)
    case .interfaceNamePrefix(let name): interface(name, isPrefix: true)
    }
  }

  private func interface(_ name: String, isPrefix: Bool) -> LocalTraffic {
    InterfacePattern(name: name, isPrefix: isPrefix).map { .interface($0) } ?? .unknown
  }

  private func nodePortAddresses(_ family: IPFamily, _ node: Node?, _ host: PlannerSurroundings) -> NodePortAddresses {
    let cidrs: [CIDR]
    switch configuration.nodePortAddresses {
    case .all: cidrs = []
    case .cidrs(let blocks): cidrs = blocks
    case .primary:
      let address = nodeIP(family, node).flatMap { $0.isLoopback ? nil : $0 }
      // Before the Node is known, node ports are open on no address. If the Node has no address of this family, node
      // ports are open on all addresses of the family, as in kube-proxy.
      if address == nil && node == nil { return .only([], loopback: false) }
      cidrs = address.map { [CIDR(host: $0)] } ?? []
    }
    return NodePortAddresses(family: family, cidrs: cidrs, interfaceAddresses: host.interfaceAddresses)
  }
}
