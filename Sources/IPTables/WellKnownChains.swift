/// Chains with fixed names: the kernel's built-in chains, and those of kube-proxy and the kubelet.
extension ChainName {
  public static let input: ChainName = .named("INPUT")
  public static let forward: ChainName = .named("FORWARD")
  public static let output: ChainName = .named("OUTPUT")
  public static let prerouting: ChainName = .named("PREROUTING")
  public static let postrouting: ChainName = .named("POSTROUTING")

  public static let services: ChainName = .named("KUBE-SERVICES")
  public static let externalServices: ChainName = .named("KUBE-EXTERNAL-SERVICES")
  public static let nodePorts: ChainName = .named("KUBE-NODEPORTS")
  public static let proxyFirewall: ChainName = .named("KUBE-PROXY-FIREWALL")
  public static let kubeForward: ChainName = .named("KUBE-FORWARD")
  public static let kubePostrouting: ChainName = .named("KUBE-POSTROUTING")
  public static let markMasquerade: ChainName = .named("KUBE-MARK-MASQ")
  public static let canary: ChainName = .named("KUBE-PROXY-CANARY")
  /// Shared with the kubelet, which has its own rules in it.
  public static let kubeFirewall: ChainName = .named("KUBE-FIREWALL")

  /// The kubelet's chains. They show which backend the host uses (KEP-3178).
  public static let kubeletHint: ChainName = .named("KUBE-IPTABLES-HINT")
  public static let kubeletCanary: ChainName = .named("KUBE-KUBELET-CANARY")

  /// The built-in chains of a table that can hold rules.
  public static func builtIn(_ table: Table) -> [ChainName] {
    switch table {
    case .filter: [input, forward, output]
    case .nat: [prerouting, input, output, postrouting]
    case .mangle: [prerouting, input, forward, output, postrouting]
    }
  }
}
