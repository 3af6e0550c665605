import IPTables

/// Recognises rules that a service proxy could not have written.
enum ForeignRule {
  static func isForeign(_ rule: Rule, in chain: ChainKey) -> Bool {
    if rule.matches.contains(where: { if case .other = $0 { true } else { false } }) { return true }
    switch rule.target {
    case .jump(let target): return !target.isServiceProxys
    case .goTo, .other: return true
    case nil, .accept, .drop, .reject, .return, .masquerade, .setMark, .flipMark, .destinationNAT:
      return !targets(in: chain).contains { $0.isSame(as: rule.target) }
    }
  }

  private enum Kind {
    case none, verdict, destinationNAT, mark, masquerade

    func isSame(as target: Target?) -> Bool {
      switch target {
      case nil: self == .none
      case .accept, .drop, .reject, .return: self == .verdict
      case .destinationNAT: self == .destinationNAT
      case .setMark, .flipMark: self == .mark
      case .masquerade: self == .masquerade
      case .jump, .goTo, .other: false
      }
    }
  }

  /// The targets of a chain's rules, besides jumps to the service proxy's own chains.
  private static func targets(in chain: ChainKey) -> [Kind] {
    if chain.table == .filter { return [.verdict] }
    switch chain.name {
    case .hashed(.endpoint, _): return [.destinationNAT]
    // In the compact form, the chains of Services and of their groups of endpoints translate addresses themselves.
    case .hashed(.cluster, _), .hashed(.local, _): return [.destinationNAT]
    case .hashed(.firewall, _): return [.none]
    case .markMasquerade: return [.mark]
    case .kubePostrouting: return [.mark, .masquerade, .verdict]
    // kube-proxy's rules in these chains jump to its own chains. Older versions also jump to KUBE-MARK-DROP if a
    // Service has no local endpoints. That jump counts as foreign.
    default: return []
    }
  }
}
