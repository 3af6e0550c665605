import IPTables
import ServiceModel

/// What a service proxy has left on the host: the rules of either backend, and what kube-proxy makes in its other modes.
public struct ProxyRemains: Sendable, Equatable {
  /// The chains of one table.
  public struct Chains: Sendable, Equatable, CustomStringConvertible {
    public var backend: Backend
    public var family: IPFamily
    public var table: Table
    /// Ordered by name.
    public var names: [ChainName]

    public init(backend: Backend, family: IPFamily, table: Table, names: [ChainName]) {
      self.backend = backend
      self.family = family
      self.table = table
      self.names = names.sorted()
    }

    /// `legacy ipv4 nat: KUBE-NODEPORTS, KUBE-SERVICES and 7 more`
    public var description: String {
      let named = names.filter { $0.prefix == nil }.prefix(4)
      let shown = named.isEmpty ? names.prefix(4) : named
      let rest = names.count - shown.count
      return "\(backend.rawValue) \(family.rawValue) \(table.rawValue): "
        + shown.map(\.description).joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }
  }

  /// Of iptables mode, kube-proxy's or this program's; KUBE-FIREWALL apart, which kubelet makes as well.
  public var iptablesMode: [Chains] = []
  /// Of ipvs mode.
  public var ipvsMode: [Chains] = []
  /// Families with nftables mode's table.
  public var nftablesMode: [IPFamily] = []
  /// IP sets of ipvs mode.
  public var ipSets: [String] = []
  /// Whether ipvs mode's interface is there, with the addresses of all Services.
  public var hasIPVSInterface = false
  /// What could not be looked at, and why.
  public var failures: [String] = []

  public init() {}

  /// Chains of iptables mode through which a backend translates packets.
  ///
  /// kubelet makes KUBE-MARK-MASQ and KUBE-POSTROUTING as well, up to Kubernetes 1.27.
  public func proxying(in backend: Backend) -> [Chains] {
    iptablesMode.filter { chains in
      chains.backend == backend
        && chains.names.contains { ![.markMasquerade, .kubePostrouting, .canary].contains($0) }
    }
  }

  /// The name of nftables mode's table.
  public static let nftablesTable = "kube-proxy"
  /// ipvs mode's interface.
  public static let ipvsInterface = "kube-ipvs0"
}
