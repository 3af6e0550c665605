import IPTables

/// The rules in built-in chains that jump to the proxy's chains, in the order in which they stand there.
enum BuiltInJumps {
  static let all: [BuiltInJump] = [
    jump(.filter, .input, to: .kubeFirewall),
    jump(.filter, .input, new, "kubernetes load balancer firewall", to: .proxyFirewall),
    jump(.filter, .input, [], "kubernetes health check service ports", to: .nodePorts),
    jump(.filter, .input, new, "kubernetes externally-visible service portals", to: .externalServices),
    jump(.filter, .forward, new, "kubernetes load balancer firewall", to: .proxyFirewall),
    jump(.filter, .forward, [], "kubernetes forwarding rules", to: .kubeForward),
    jump(.filter, .forward, new, "kubernetes service portals", to: .services),
    jump(.filter, .forward, new, "kubernetes externally-visible service portals", to: .externalServices),
    jump(.filter, .output, to: .kubeFirewall),
    jump(.filter, .output, new, "kubernetes load balancer firewall", to: .proxyFirewall),
    jump(.filter, .output, new, "kubernetes service portals", to: .services),
    jump(.nat, .prerouting, [], "kubernetes service portals", to: .services),
    jump(.nat, .output, [], "kubernetes service portals", to: .services),
    jump(.nat, .postrouting, [], "kubernetes postrouting rules", to: .kubePostrouting),
  ]

  /// These chains decide on the first packet of a connection. Packets of established connections skip them.
  private static let new: [Match] = [.connectionState(.new)]

  private static func jump(
    _ table: Table, _ chain: ChainName, _ condition: [Match] = [], _ comment: String? = nil, to target: ChainName
  ) -> BuiltInJump {
    let label = comment.map { [Match.comment(Comment(checked: $0))] } ?? []
    return BuiltInJump(table, chain, Rule(condition + label, .jump(target)))
  }
}
