import IPTables
import ServiceModel

/// What a service proxy has left on the host: the rules of either backend, and what kube-proxy creates in its other
/// modes.
package struct ProxyRemains: Sendable, Equatable {
  /// The chains of one table.
  package struct Chains: Sendable, Equatable, CustomStringConvertible {
    package var backend: Backend
    package var family: IPFamily
    package var table: Table
    /// Ordered by name.
    package var names: [ChainName]

    package init(backend: Backend, family: IPFamily, table: Table, names: [ChainName]) {
      self.backend = backend
      self.family = family
      self.table = table
      self.names = names.sorted()
    }

    /// `legacy IPv4 nat: KUBE-NODEPORTS, KUBE-SERVICES and 7 more`
    package var description: String {
      let named = names.filter { $0.prefix == nil }.prefix(4)
      let shown = named.isEmpty ? names.prefix(4) : named
      let rest = names.count - shown.count
      return "\(backend.rawValue) \(family.rawValue) \(table.rawValue): "
        + shown.map(\.description).joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }
  }

  /// Chains of iptables mode, from kube-proxy or this program. KUBE-FIREWALL is left out, because the kubelet creates
  /// it too.
  var iptablesMode: [Chains] = []
  /// Chains of ipvs mode.
  var ipvsMode: [Chains] = []
  /// Families that have the table of nftables mode.
  package var nftablesMode: [IPFamily] = []
  /// IP sets of ipvs mode.
  var ipSets: [String] = []
  /// Whether the interface of ipvs mode exists, which has the addresses of all Services.
  var hasIPVSInterface = false
  /// The parts that could not be read, with the reason.
  package var failures: [String] = []

  package init() {}

  /// Chains of iptables mode with which a backend translates packets.
  ///
  /// The kubelet also creates KUBE-MARK-MASQ and KUBE-POSTROUTING, up to Kubernetes 1.27.
  func proxying(in backend: Backend) -> [Chains] {
    iptablesMode.filter { chains in
      chains.backend == backend
        && chains.names.contains { ![.markMasquerade, .kubePostrouting, .canary].contains($0) }
    }
  }

  /// The name of the table of nftables mode.
  package static let nftablesTable = "kube-proxy"
  /// The interface of ipvs mode.
  static let ipvsInterface = "kube-ipvs0"
}
