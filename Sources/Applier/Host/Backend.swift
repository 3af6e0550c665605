/// The kernel interface behind the iptables programs.
package enum Backend: String, Sendable, Hashable, CaseIterable, Codable {
  /// nf_tables, through `iptables-nft` and its related programs.
  case nft
  /// ip_tables and ip6_tables, through `iptables-legacy` and its related programs.
  case legacy
}

/// A backend and the reason why it was chosen on this host.
package struct BackendChoice: Sendable, Equatable {
  package let backend: Backend
  /// One clause for the log, such as `KUBE-IPTABLES-HINT in nf_tables' mangle table`.
  package let reason: String

  package init(_ backend: Backend, reason: String) {
    self.backend = backend
    self.reason = reason
  }
}
