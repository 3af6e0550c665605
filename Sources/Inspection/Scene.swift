import IPTables
import Planner
import RuleAnalysis
import ServiceModel

/// The rules of one family, with what is known of the cluster and the host that they are for.
package struct Scene: Sendable {
  package let rules: RuleSet
  package let host: WalkHost
  /// The cluster's objects; nil if the source is a dump of rules.
  package let snapshot: ClusterSnapshot?
  /// The options to plan rules for these objects; nil if there are no objects.
  package let options: PlannerOptions?
  package let index: RuleIndex

  package var family: IPFamily { rules.family }

  package init(rules: RuleSet, host: WalkHost, snapshot: ClusterSnapshot? = nil, options: PlannerOptions? = nil) {
    self.rules = rules
    self.host = host
    self.snapshot = snapshot
    self.options = options
    index = RuleIndex(rules)
  }

  /// A scene of planned rules.
  ///
  /// - Parameter host: nil uses the addresses of the Node object.
  package init(planning snapshot: ClusterSnapshot, _ options: PlannerOptions, host: WalkHost? = nil) {
    let node = snapshot.nodes[options.nodeName]
    self.init(
      rules: RuleSet(ClusterPlan(options: options, snapshot: snapshot)),
      host: host ?? WalkHost(localAddresses: Set(node?.addresses ?? [])), snapshot: snapshot, options: options)
  }

  /// The addresses of a Service, from the rules and from its object.
  func addresses(of service: NamespacedName) -> [ServiceAddress] {
    let byRules = index.addresses.filter { $0.label.service == service }
    guard let object = snapshot?.services[service] else { return byRules }
    return Set(byRules).union(ServiceAddress.all(of: object, family)).sorted()
  }

  /// The host's own address: the one of its Node object, or else the lowest of its interfaces.
  var nodeAddress: IPAddress? {
    let own = host.localAddresses.filter { $0.family == family && !$0.isLinkLocal && !$0.isLoopback }
    if let planned = options?.nodeIP, own.contains(planned) { return planned }
    return own.min()
  }

  /// How the rules distinguish packets of pods from others. The options say it. Without options, the rules for cluster
  /// IPs show it.
  var localTraffic: LocalTraffic {
    if let options { return options.localTraffic }
    for list in (rules.tables[.nat] ?? [:]).values {
      for rule in list where rule.target == .jump(.markMasquerade) {
        for match in rule.matches {
          switch match {
          case .source(.network(let cidr), negated: true): return .source(cidr)
          case .inInterface(let pattern, negated: true): return .interface(pattern)
          default: continue
          }
        }
      }
    }
    return .unknown
  }

  /// The Service port's object and slices.
  func facts(of label: ServiceLabel) -> ServiceFacts? {
    guard let snapshot, let service = snapshot.services[label.service] else { return nil }
    return ServiceFacts(
      label, service, slices: snapshot.slices(of: label.service, family: family), nodeName: options?.nodeName,
      isNodeKnown: options.map { snapshot.nodes[$0.nodeName] != nil } ?? false)
  }
}

extension ServiceAddress {
  /// The addresses of a Service in one family.
  static func all(of service: Service, _ family: IPFamily) -> [ServiceAddress] {
    service.ports.flatMap { port -> [ServiceAddress] in
      let label = ServiceLabel(service: service.name, port: port.name.port)
      let transport = port.name.transport
      func make(_ kind: Kind, _ addresses: [IPAddress]) -> [ServiceAddress] {
        addresses.filter { $0.family == family }.map { ServiceAddress(label, kind, $0, port.port, transport) }
      }
      let nodePort = port.nodePort.map { [ServiceAddress(label, .nodePort, nil, $0, transport)] } ?? []
      let isOfFamily = service.clusterIPs.contains { $0.family == family }
      return make(.clusterIP, service.clusterIPs) + make(.externalIP, service.externalIPs)
        + make(.loadBalancerIP, service.loadBalancerIPs) + (isOfFamily ? nodePort : [])
    }
  }
}
