import IPTables
import ServiceModel

/// Which service port and endpoint the rules of a plan are for.
package struct RuleOrigins: Sendable {
  package struct Origin: Sendable, Hashable {
    package let port: ServicePortName
    /// Set for rules that concern one endpoint.
    package let endpoint: SocketAddress?
  }

  private var chains: [ChainName: Origin] = [:]
  private var dispatch: [Rule: Origin] = [:]

  package init(_ plan: ClusterPlan) {
    plan.forEachServicePort { port in
      for chain in port.chains { chains[chain.name] = Origin(port: port.name, endpoint: port.endpoints[chain.name]) }
      for entry in port.dispatch { dispatch[entry.rule] = Origin(port: entry.owner, endpoint: nil) }
    }
  }

  /// nil for rules that do not depend on Services, and for rules that lead to many Services.
  package func origin(of rule: Rule, in chain: ChainName) -> Origin? {
    guard let owner = chains[chain] else { return dispatch[rule] }
    if owner.endpoint == nil, case .destinationNAT(let endpoint) = rule.target {
      return Origin(port: owner.port, endpoint: endpoint)
    }
    guard owner.endpoint == nil, let target = rule.jumpTarget, let next = chains[target] else { return owner }
    return Origin(port: owner.port, endpoint: next.endpoint)
  }
}
