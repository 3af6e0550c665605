import IPTables
import ServiceModel

extension ServicePortRules {
  /// Whether each endpoint has a KUBE-SEP chain. Session affinity always needs it: each endpoint has a list of clients,
  /// and the list has the name of the chain.
  var usesEndpointChains: Bool { !planner.isCompact || port.affinityTimeout != nil }

  /// The chains that choose an endpoint, one for each of the policies Cluster and Local that has endpoints.
  func policyChains() -> [Chain] {
    var chains: [Chain] = []
    if !selection.cluster.isEmpty { chains += choice(clusterChain, among: selection.cluster) }
    if !selection.local.isEmpty { chains += choice(localChain, among: selection.local) }
    return chains
  }

  /// The chain that chooses an endpoint. If there are many endpoints, also the chains of the groups that it chooses
  /// among first.
  private func choice(_ name: ChainName, among endpoints: [PlannedEndpoint]) -> [Chain] {
    var chain = Chain(.nat, name)
    if hasInternalEndpoints, name == internalChain, let masquerade = clusterIPMasquerade() {
      chain.rules.append(masquerade)
    }
    if let timeout = port.affinityTimeout {
      for endpoint in endpoints {
        let target = names.endpoint(endpoint)
        chain.rules.append(
          Rule(endpointLabel(endpoint) + [.recentCheck(name: target, seconds: timeout)], .jump(target)))
      }
    }
    let shares = endpoints.map(share)
    guard options.dispatch != .flat, endpoints.count > EndpointGroups.bound else {
      chain.rules += EndpointShare.rules(shares)
      return [chain]
    }
    // Without endpoint chains, the kernel's limit on nested jumps leaves room for a second step even after a KUBE-FW
    // chain.
    let groups = EndpointGroups(of: shares, in: name, steps: usesFirewallChain && usesEndpointChains ? 1 : 2)
    let label = hasLabels ? [comment("\(port.name)")] : []
    chain.rules += groups.rules(label)
    return [chain] + groups.chains(label)
  }

  /// An endpoint as a target: a jump to its chain or, in the compact form, the translation itself.
  private func share(_ endpoint: PlannedEndpoint) -> EndpointShare {
    guard usesEndpointChains else {
      return EndpointShare(
        target: .destinationNAT(endpoint.socket), conditions: [.protocolAlone(port.name.transport)],
        spread: endpoint.socket.spread)
    }
    let chain = names.endpoint(endpoint)
    return EndpointShare(
      target: .jump(chain), label: endpointLabel(endpoint), spread: chain.hash?.leadingBits ?? 0)
  }

  /// The chain that translates packets to one endpoint.
  func endpointChain(_ endpoint: PlannedEndpoint) -> Chain {
    let name = names.endpoint(endpoint)
    let label = hasLabels ? [comment("\(port.name)")] : []
    let affinity: [Match] = port.affinityTimeout == nil ? [] : [.recentSet(name: name)]
    return Chain(
      .nat, name,
      rules: [
        // Hairpin: without masquerading, a pod that reaches itself through the Service would answer itself directly.
        Rule(label + [.source(.host(endpoint.socket.address))], .jump(.markMasquerade)),
        Rule(label + affinity + [.transport(port.name.transport)], .destinationNAT(endpoint.socket)),
      ])
  }

  private func endpointLabel(_ endpoint: PlannedEndpoint) -> [Match] {
    hasLabels ? [comment("\(port.name) -> \(endpoint.text)")] : []
  }

  /// Whether rules for endpoints have comments. kube-proxy leaves them out in large clusters.
  private var hasLabels: Bool { !planner.isLargeCluster && usesEndpointChains }
}

extension SocketAddress {
  /// Evenly distributed bits, the same for the same address and port in every process: the finalizer of SplitMix64.
  var spread: UInt64 {
    var bits = UInt64(truncatingIfNeeded: address.bits) &* 0x9e37_79b9_7f4a_7c15
    bits = (bits ^ UInt64(truncatingIfNeeded: address.bits >> 64)) &+ UInt64(port) << 32
    bits = (bits ^ bits >> 30) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ bits >> 27) &* 0x94d0_49bb_1331_11eb
    return bits ^ bits >> 31
  }
}
