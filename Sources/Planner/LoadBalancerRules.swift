import IPTables
import ServiceModel

extension ServicePortRules {
  /// Lets only `loadBalancerSourceRanges` through; the rest, untranslated, is dropped by KUBE-PROXY-FIREWALL.
  func loadBalancerFirewallChain() -> Chain {
    var chain = Chain(.nat, firewallChain)
    let label = comment("\(port.name) loadbalancer IP")
    for range in port.sourceRanges {
      chain.rules.append(Rule([label, .source(.network(range))], .jump(externalChain)))
    }
    // A node that has the load balancer's address on an interface asks from that address.
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
