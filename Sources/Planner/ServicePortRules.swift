import IPTables
import ServiceModel

/// Builds the rules of one service port. Each kind of rule has its own file.
struct ServicePortRules {
  let port: ServicePort
  let selection: EndpointSelection
  let planner: ServicePlanner

  let names: ServiceChainNames

  init(port: ServicePort, selection: EndpointSelection, planner: ServicePlanner) {
    self.port = port
    self.selection = selection
    self.planner = planner
    names = ServiceChainNames(port.name)
  }

  var clusterChain: ChainName { names.cluster }
  var localChain: ChainName { names.local }
  var externalChain: ChainName { names.external }
  var firewallChain: ChainName { names.firewall }

  var options: PlannerOptions { planner.options }

  var hasInternalEndpoints: Bool {
    selection.hasAny && (port.internalPolicy == .cluster || !selection.local.isEmpty)
  }

  var hasExternalEndpoints: Bool {
    selection.hasAny && (port.externalPolicy == .cluster || !selection.local.isEmpty)
  }

  /// The chain is needed even if traffic from outside has no endpoint, because it holds the special cases for pods and
  /// the host itself.
  var usesExternalChain: Bool { selection.hasAny && port.isExternallyAccessible }

  var usesFirewallChain: Bool {
    selection.hasAny && !port.loadBalancerIPs.isEmpty && port.hasSourceRanges
  }

  /// The chain for traffic to the cluster IP.
  var internalChain: ChainName { port.internalPolicy == .local ? localChain : clusterChain }

  func plan() -> ServicePortPlan {
    var plan = ServicePortPlan(name: port.name)
    plan.dispatch = clusterIPDispatch() + externalDispatch() + nodePortDispatch() + healthCheckDispatch()
    if usesExternalChain { plan.chains.append(externalTrafficChain()) }
    if usesFirewallChain { plan.chains.append(loadBalancerFirewallChain()) }
    plan.chains += policyChains()
    if usesEndpointChains {
      plan.chains += selection.reachable.map { endpoint in
        let chain = endpointChain(endpoint)
        plan.endpoints[chain.name] = endpoint.socket
        return chain
      }
    }
    plan.lacksLocalInternal = selection.hasAny && !hasInternalEndpoints
    plan.lacksLocalExternal = selection.hasAny && !hasExternalEndpoints
    return plan
  }

  func comment(_ text: String) -> Match { .comment(Comment(checked: text)) }
}
