import ServiceModel

/// What the kernel and the iptables commands of the host offer, as far as it decides what rules look like.
public struct HostFeatures: Hashable, Sendable {
  /// `MASQUERADE --random-fully` (iptables 1.6.2).
  public var randomFully: Bool
  /// Accounting objects (`-m nfacct`).
  public var accounting: Bool
  /// Sysctl `nf_conntrack_tcp_be_liberal`: packets outside the window are not INVALID then.
  public var conntrackTCPLiberal: Bool
  /// `-m bpf` (CONFIG_NETFILTER_XT_MATCH_BPF), without which there are no compact rules for endpoints.
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
  /// As kube-proxy writes them up to 1,000 endpoints in the family, compact above.
  case auto
  /// A KUBE-SEP chain of two rules for each endpoint, as kube-proxy writes them.
  case chains
  /// One rule for each endpoint: the chain that chooses translates itself, and one rule in KUBE-POSTROUTING masquerades
  /// all hairpins. Needs `-m bpf`.
  case compact
}

/// How dispatch chains are laid out.
public enum DispatchMode: String, Hashable, Sendable, CaseIterable {
  /// As kube-proxy writes them, except where they would be long.
  case auto
  /// One rule after the other, whatever their number.
  case flat
  /// Split into a tree whatever their number.
  case indexed
}

/// Everything but the cluster's objects that decides which rules one family gets.
public struct PlannerOptions: Hashable, Sendable {
  public var family: IPFamily
  public var nodeName: String
  /// The Node's zone (label `topology.kubernetes.io/zone`), for hints.
  public var zone: String?
  /// The Node's own address, for source ranges; loopback while it is not known.
  public var nodeIP: IPAddress
  public var masqueradeAll: Bool
  /// Which bit of the packet mark asks for masquerading, 0...31.
  public var masqueradeBit: Int
  public var localTraffic: LocalTraffic
  public var nodePortAddresses: NodePortAddresses
  /// Whether node ports shall answer on loopback addresses; only IPv4 can do so.
  public var localhostNodePorts: Bool
  public var features: HostFeatures
  /// Blocks that cluster IPs are allocated from, of this family; empty if not known.
  public var serviceSubnets: [CIDR]
  /// Leaves `spec.externalIPs` out (CVE-2020-8554).
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
    features = HostFeatures()
    serviceSubnets = []
    ignoreExternalIPs = false
    dispatch = .auto
    endpointRules = .auto
  }

  /// The mark that asks for masquerading.
  public var masqueradeMark: UInt32 { 1 << UInt32(masqueradeBit) }

  /// Whether node ports really answer on loopback: asked for, possible in this family, and among their addresses.
  public var acceptsLocalhostNodePorts: Bool {
    family == .ipv4 && localhostNodePorts && nodePortAddresses.includesLoopback
  }
}
