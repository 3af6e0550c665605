import IPTables
import ServiceModel

extension ServicePortRules {
  /// The chains that choose an endpoint: of policy Cluster, of policy Local, as far as they are used.
  func policyChains() -> [Chain] {
    var chains: [Chain] = []
    if !selection.cluster.isEmpty { chains.append(choice(clusterChain, among: selection.cluster)) }
    if !selection.local.isEmpty { chains.append(choice(localChain, among: selection.local)) }
    return chains
  }

  private func choice(_ name: ChainName, among endpoints: [PlannedEndpoint]) -> Chain {
    var chain = Chain(.nat, name)
    if hasInternalEndpoints, name == internalChain, let masquerade = clusterIPMasquerade() {
      chain.rules.append(masquerade)
    }
    let chains = endpoints.map { ChainNaming.endpoint($0.text, of: port.name) }
    if let timeout = port.affinityTimeout {
      for (endpoint, target) in zip(endpoints, chains) {
        chain.rules.append(
          Rule(endpointComment(endpoint) + [.recentCheck(name: target, seconds: timeout)], .jump(target)))
      }
    }
    // Each rule takes its share of what the rules before it have left over.
    for (index, (endpoint, target)) in zip(endpoints, chains).enumerated() {
      let remaining = endpoints.count - index
      let share: [Match] = remaining > 1 ? [.statistic(Probability(1, of: remaining))] : []
      chain.rules.append(Rule(endpointComment(endpoint) + share, .jump(target)))
    }
    return chain
  }

  /// Translates to one endpoint.
  func endpointChain(_ endpoint: PlannedEndpoint) -> Chain {
    let name = ChainNaming.endpoint(endpoint.text, of: port.name)
    let label = planner.isLargeCluster ? [] : [comment("\(port.name)")]
    let affinity: [Match] = port.affinityTimeout == nil ? [] : [.recentSet(name: name)]
    return Chain(
      .nat, name,
      rules: [
        // Hairpin: a pod that reaches itself would answer itself directly.
        Rule(label + [.source(.host(endpoint.socket.address))], .jump(.markMasquerade)),
        Rule(label + affinity + [.transport(port.name.transport)], .destinationNAT(endpoint.socket)),
      ])
  }

  private func endpointComment(_ endpoint: PlannedEndpoint) -> [Match] {
    planner.isLargeCluster ? [] : [comment("\(port.name) -> \(endpoint.text)")]
  }
}
