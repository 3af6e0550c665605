import IPTables
import ServiceModel

/// The rules that come after all entries of a dispatch chain.
struct DispatchFrame {
  let options: PlannerOptions

  func trailing(_ chain: DispatchChain) -> [Rule] {
    switch chain {
    case .natServices: nodePortJumps
    case .filterServices: options.serviceSubnets.map(unallocated)
    case .externalServices, .healthCheckNodePorts, .proxyFirewall, .natNodePorts: []
    }
  }

  /// Node ports come last, so that the addresses of Services take precedence over them.
  private var nodePortJumps: [Rule] {
    let label = Match.comment(
      Comment(checked: "kubernetes service nodeports; NOTE: this must be the last rule in this chain"))
    func jump(_ matches: [Match]) -> Rule { Rule([label] + matches, .jump(.nodePorts)) }
    switch options.nodePortAddresses {
    case .all:
      let isLocal = Match.destinationType(.local)
      if options.acceptsLocalhostNodePorts { return [jump([isLocal])] }
      let loopback = options.family == .ipv4 ? CIDR("127.0.0.0/8")! : CIDR("::1/128")!
      return [jump([isLocal, .destination(.network(loopback), negated: true)])]
    case .only(let addresses, _):
      return
        addresses
        .filter { !$0.isLoopback || options.acceptsLocalhostNodePorts }
        .map { jump([.destination(.host($0))]) }
    }
  }

  /// A packet that gets here was not translated, so no Service has its address and port. Without this rule it would
  /// leave by the default route.
  private func unallocated(_ subnet: CIDR) -> Rule {
    Rule(
      [.comment(Comment(checked: "no Service has this cluster IP and port")), .destination(.network(subnet))], .reject)
  }
}
