import IPTables

/// The chains that kube-proxy makes in ipvs mode and not in iptables mode.
enum IPVSModeChains {
  static func contains(_ key: ChainKey) -> Bool { chains[key.table]?.contains(key.name) ?? false }

  /// kubelet makes it as well, up to Kubernetes 1.27.
  static func isKubelets(_ key: ChainKey) -> Bool { key == ChainKey(.nat, "KUBE-MARK-DROP") }

  private static let chains: [Table: Set<ChainName>] = [
    .nat: ["KUBE-FIREWALL", "KUBE-LOAD-BALANCER", "KUBE-MARK-DROP", "KUBE-NODE-PORT"],
    .filter: ["KUBE-IPVS-FILTER", "KUBE-IPVS-OUT-FILTER", "KUBE-NODE-PORT", "KUBE-SOURCE-RANGES-FIREWALL"],
  ]
}
