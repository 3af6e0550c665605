import IPTables
import ServiceModel

extension ServicePortRules {
  /// Sends on only packets from `loadBalancerSourceRanges`. All other packets stay untranslated, and
  /// KUBE-PROXY-FIREWALL drops them.
  func loadBalancerFirewallChain() -> Chain {
    var chain = Chain(.nat, firewallChain)
    let label = comment("\(port.name) loadbalancer IP")
    for range in port.sourceRanges {
      chain.rules.append(Rule([label, .source(.network(range))], .jump(externalChain)))
    }
    // A node that has the load balancer's address on an interface sends its own packets for the load balancer from that
    // address.
    if port.sourceRanges.contains(where: { $0.contains(options.nodeIP) }) {
      for address in port.loadBalancerIPs {
        chain.rules.append(Rule([label, .source(.host(address))], .jump(externalChain)))
      }
    }
    chain.rules.append(
      Rule([comment("other traffic to \(port.name) will be dropped by KUBE-PROXY-FIREWALL")], nil))
    return chain
  }
}
