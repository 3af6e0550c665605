import ServiceModel

/// The features of the host's kernel and iptables commands that affect the rules.
package struct RuleFeatures: Hashable, Sendable {
  /// `MASQUERADE --random-fully` (iptables 1.6.2).
  package var randomFully: Bool
  /// Accounting objects (`-m nfacct`).
  package var accounting: Bool
  /// Sysctl `nf_conntrack_tcp_be_liberal`: conntrack does not call packets outside of the TCP window INVALID.
  package var conntrackTCPLiberal: Bool
  /// `-m bpf` (CONFIG_NETFILTER_XT_MATCH_BPF), which compact rules for endpoints need.
  package var bpf: Bool

  package init(
    randomFully: Bool = true, accounting: Bool = false, conntrackTCPLiberal: Bool = false, bpf: Bool = true
  ) {
    self.randomFully = randomFully
    self.accounting = accounting
    self.conntrackTCPLiberal = conntrackTCPLiberal
    self.bpf = bpf
  }
}

/// What the rules for endpoints look like.
package enum EndpointRuleMode: String, Hashable, Sendable, CaseIterable {
  /// As kube-proxy writes them for up to 1,000 endpoints in the family, compact for more.
  case auto
  /// A KUBE-SEP chain of two rules for each endpoint, as kube-proxy writes them.
  case chains
  /// One rule for each endpoint: the chain that chooses an endpoint also translates, and one rule in KUBE-POSTROUTING
  /// masquerades all hairpin packets. Needs `-m bpf`.
  case compact
}

/// How dispatch chains are laid out.
package enum DispatchMode: String, Hashable, Sendable, CaseIterable {
  /// As kube-proxy writes them if they are short, split into a tree if they would be long.
  case auto
  /// One list of rules, for any number of rules.
  case flat
  /// Split into a tree, for any number of rules.
  case indexed
}

/// All inputs that decide which rules one family gets, except the cluster's objects.
package struct PlannerOptions: Hashable, Sendable {
  package var family: IPFamily
  package var nodeName: String
  /// The Node's zone (label `topology.kubernetes.io/zone`), for hints.
  package var zone: String?
  /// The Node's own address, for source ranges; a loopback address until it is known.
  package var nodeIP: IPAddress
  package var masqueradeAll: Bool
  /// The bit of the packet mark that requests masquerading, 0...31.
  package var masqueradeBit: Int
  package var localTraffic: LocalTraffic
  package var nodePortAddresses: NodePortAddresses
  /// Whether node ports should answer on loopback addresses. Only IPv4 supports this.
  package var localhostNodePorts: Bool
  package var features: RuleFeatures
  /// Blocks from which cluster IPs of this family are allocated; empty if not known.
  package var serviceSubnets: [CIDR]
  /// Ignores `spec.externalIPs` (CVE-2020-8554).
  package var ignoreExternalIPs: Bool
  package var dispatch: DispatchMode
  package var endpointRules: EndpointRuleMode

  package init(family: IPFamily, nodeName: String) {
    self.family = family
    self.nodeName = nodeName
    zone = nil
    nodeIP = IPAddress(family == .ipv4 ? "127.0.0.1" : "::1")!
    masqueradeAll = false
    masqueradeBit = 14
    localTraffic = .unknown
    nodePortAddresses = .all
    localhostNodePorts = true
    features = RuleFeatures()
    serviceSubnets = []
    ignoreExternalIPs = false
    dispatch = .auto
    endpointRules = .auto
  }

  /// The mark that requests masquerading.
  var masqueradeMark: UInt32 { 1 << UInt32(masqueradeBit) }

  /// Whether node ports really answer on loopback: the option asks for it, the family supports it, and the node-port
  /// addresses include loopback.
  package var acceptsLocalhostNodePorts: Bool {
    family == .ipv4 && localhostNodePorts && nodePortAddresses.includesLoopback
  }
}
