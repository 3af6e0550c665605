import ServiceModel

/// The features of the host's kernel and iptables commands that affect the rules.
public struct RuleFeatures: Hashable, Sendable {
  /// `MASQUERADE --random-fully` (iptables 1.6.2).
  public var randomFully: Bool
  /// Accounting objects (`-m nfacct`).
  public var accounting: Bool
  /// Sysctl `nf_conntrack_tcp_be_liberal`: conntrack does not call packets outside of the TCP window INVALID.
  public var conntrackTCPLiberal: Bool
  /// `-m bpf` (CONFIG_NETFILTER_XT_MATCH_BPF), which compact rules for endpoints need.
  public var bpf: Bool

  public init(
    randomFully: Bool = true, accounting: Bool = false, conntrackTCPLiberal: Bool = false, bpf: Bool = true
  ) {
    self.randomFully = randomFully
    self.accounting = accounting
    self.conntrackTCPLiberal = conntrackTCPLiberal
    self.bpf = bpf
  }
}

/// What the rules for endpoints look like.
public enum EndpointRuleMode: String, Hashable, Sendable, CaseIterable {
  /// As kube-proxy writes them for up to 1,000 endpoints in the family, compact for more.
  case auto
  /// A KUBE-SEP chain of two rules for each endpoint, as kube-proxy writes them.
  case chains
  /// One rule for each endpoint: the chain that chooses an endpoint also translates, and one rule in KUBE-POSTROUTING
  /// masquerades all hairpin packets. Needs `-m bpf`.
  case compact
}

/// How dispatch chains are laid out.
public enum DispatchMode: String, Hashable, Sendable, CaseIterable {
  /// As kube-proxy writes them if they are short, split into a tree if they would be long.
  case auto
  /// One list of rules, for any number of rules.
  case flat
  /// Split into a tree, for any number of rules.
  case indexed
}

/// All inputs that decide which rules one family gets, except the cluster's objects.
public struct PlannerOptions: Hashable, Sendable {
  public var family: IPFamily
  public var nodeName: String
  /// The Node's zone (label `topology.kubernetes.io/zone`), for hints.
  public var zone: String?
  /// The Node's own address, for source ranges; a loopback address until it is known.
  public var nodeIP: IPAddress
  public var masqueradeAll: Bool
  /// The bit of the packet mark that requests masquerading, 0...31.
  public var masqueradeBit: Int
  public var localTraffic: LocalTraffic
  public var nodePortAddresses: NodePortAddresses
  /// Whether node ports should answer on loopback addresses. Only IPv4 supports this.
  public var localhostNodePorts: Bool
  public var features: RuleFeatures
  /// Blocks from which cluster IPs of this family are allocated; empty if not known.
  public var serviceSubnets: [CIDR]
  /// Ignores `spec.externalIPs` (CVE-2020-8554).
  public var ignoreExternalIPs: Bool
  public var dispatch: DispatchMode
  public var endpointRules: EndpointRuleMode

  public init(family: IPFamily, nodeName: String) {
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
  public var masqueradeMark: UInt32 { 1 << UInt32(masqueradeBit) }

  /// Whether node ports really answer on loopback: the option asks for it, the family supports it, and the node-port
  /// addresses include loopback.
  public var acceptsLocalhostNodePorts: Bool {
    family == .ipv4 && localhostNodePorts && nodePortAddresses.includesLoopback
  }
}
