import IPTables
import ServiceModel

extension ServicePortRules {
  /// Traffic to external IPs and load-balancer addresses.
  func externalDispatch() -> [DispatchEntry] {
    var entries: [DispatchEntry] = []
    for address in port.externalIPs {
      if selection.hasAny {
        entries.append(
          entry(.natServices, .externalIP, to: address, port: port.port, as: .externalIP, .jump(externalChain)))
      }
      if !hasExternalEndpoints {
        entries.append(
          entry(.externalServices, missingEndpoints, to: address, port: port.port, as: .externalIP, missingTarget))
      }
    }
    for address in port.loadBalancerIPs {
      if selection.hasAny {
        let chain = usesFirewallChain ? firewallChain : externalChain
        entries.append(
          entry(.natServices, .loadBalancerIP, to: address, port: port.port, as: .loadBalancerIP, .jump(chain)))
      }
      if usesFirewallChain {
        entries.append(entry(.proxyFirewall, .firewall, to: address, port: port.port, as: .loadBalancerIP, .drop))
      }
      if !hasExternalEndpoints {
        entries.append(
          entry(.externalServices, missingEndpoints, to: address, port: port.port, as: .loadBalancerIP, missingTarget))
      }
    }
    return entries
  }

  /// The chain for all traffic from outside. It marks packets for masquerading or, with policy Local, holds the special
  /// cases for pods and the host itself.
  func externalTrafficChain() -> Chain {
    var chain = Chain(.nat, externalChain)
    switch port.externalPolicy {
    case .cluster:
      // The endpoint may be on another node, so the reply must come back through this node.
      chain.rules.append(
        Rule([comment("masquerade traffic for \(port.name) external destinations")], .jump(.markMasquerade)))
    case .local:
      // A pod may reach every endpoint, as if its packet had gone out to the load balancer and come back in.
      if let ifLocal = options.localTraffic.ifLocal {
        chain.rules.append(
          Rule([comment("pod traffic for \(port.name) external destinations"), ifLocal], .jump(clusterChain)))
      }
      // The host may too. Its packets are masqueraded, because their source may be the load balancer's address.
      chain.rules.append(
        Rule(
          [comment("masquerade LOCAL traffic for \(port.name) external destinations"), .sourceType(.local)],
          .jump(.markMasquerade)))
      chain.rules.append(
        Rule(
          [comment("route LOCAL traffic for \(port.name) external destinations"), .sourceType(.local)],
          .jump(clusterChain)))
    }
    if hasExternalEndpoints {
      chain.rules.append(Rule([], .jump(port.externalPolicy == .local ? localChain : clusterChain)))
    }
    return chain
  }
}
