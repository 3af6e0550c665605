/// Chains with fixed names: the kernel's built-in chains, and those of kube-proxy and the kubelet.
extension ChainName {
  package static let input: ChainName = .named("INPUT")
  package static let forward: ChainName = .named("FORWARD")
  package static let output: ChainName = .named("OUTPUT")
  package static let prerouting: ChainName = .named("PREROUTING")
  package static let postrouting: ChainName = .named("POSTROUTING")

  package static let services: ChainName = .named("KUBE-SERVICES")
  package static let externalServices: ChainName = .named("KUBE-EXTERNAL-SERVICES")
  package static let nodePorts: ChainName = .named("KUBE-NODEPORTS")
  package static let proxyFirewall: ChainName = .named("KUBE-PROXY-FIREWALL")
  package static let kubeForward: ChainName = .named("KUBE-FORWARD")
  package static let kubePostrouting: ChainName = .named("KUBE-POSTROUTING")
  package static let markMasquerade: ChainName = .named("KUBE-MARK-MASQ")
  package static let canary: ChainName = .named("KUBE-PROXY-CANARY")
  /// Shared with the kubelet, which has its own rules in it.
  package static let kubeFirewall: ChainName = .named("KUBE-FIREWALL")

  /// The kubelet's chains. They show which backend the host uses (KEP-3178).
  package static let kubeletHint: ChainName = .named("KUBE-IPTABLES-HINT")
  package static let kubeletCanary: ChainName = .named("KUBE-KUBELET-CANARY")

  /// Whether a chain of this name belongs to the service proxy: this program, or kube-proxy in iptables mode.
  package var isServiceProxys: Bool { prefix != nil || ChainName.serviceProxys.contains(self) }

  private static let serviceProxys: Set<ChainName> = [
    .services, .externalServices, .nodePorts, .proxyFirewall, .kubeForward, .kubePostrouting, .markMasquerade, .canary,
    .kubeFirewall,
  ]

  /// The built-in chains of a table that can hold rules.
  package static func builtIn(_ table: Table) -> [ChainName] {
    switch table {
    case .filter: [input, forward, output]
    case .nat: [prerouting, input, output, postrouting]
    case .mangle: [prerouting, input, forward, output, postrouting]
    }
  }
}

extension ChainKey {
  /// Whether the kubelet uses the chain too, and has its own rules in it.
  package var isSharedWithKubelet: Bool { self == ChainKey(.filter, .kubeFirewall) }
}
