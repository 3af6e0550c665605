/// One way in which rules are not what they should be. Places count from 0.
public struct DifferenceItem: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// The chain does not exist; these rules should be in it.
    case missingChain([Rule])
    /// The chain should not exist; these rules are in it.
    case extraChain([Rule])
    case missingRule(Rule, at: Int)
    /// A rule of a service proxy's making that should not be there.
    case extraRule(Rule, at: Int)
    case changedRule(Rule, to: Rule, at: Int)
    /// The rule stands at `from` and belongs at `to`.
    case movedRule(Rule, from: Int, to: Int)
    /// Somebody else's rule in a chain of ours.
    case foreignRule(Rule, at: Int)
    /// A built-in chain lacks the rule that leads to ours.
    case missingJump(Rule)
    /// The jump is there more than once.
    case repeatedJump(Rule, at: Int)
    /// Somebody else's rule in a built-in chain, met before the jump.
    case foreignRuleBeforeJump(Rule, at: Int, jump: Rule)
  }

  public let chain: ChainKey
  public let kind: Kind

  public init(_ chain: ChainKey, _ kind: Kind) {
    self.chain = chain
    self.kind = kind
  }

  /// Rules of others in front of our jumps, or in chains that others use as well, are usual on a node: worth knowing,
  /// but no deviation.
  public var isRemark: Bool {
    switch kind {
    case .foreignRuleBeforeJump: true
    case .foreignRule: chain == ChainKey(.filter, .kubeFirewall)
    default: false
    }
  }
}

extension ChainName {
  /// Whether a chain of this name belongs to the service proxy: this program or kube-proxy.
  public var isServiceProxys: Bool {
    switch self {
    case .hashed: true
    case .named: ChainName.serviceProxys.contains(self)
    }
  }

  private static let serviceProxys: Set<ChainName> = [
    .services, .externalServices, .nodePorts, .proxyFirewall, .kubeForward, .kubePostrouting, .markMasquerade, .canary,
    .kubeFirewall,
  ]
}

extension ChainKey {
  /// Chains of rules for addresses and ports that exclude each other, so that their order means nothing.
  public var isDispatch: Bool {
    switch name {
    case .services, .externalServices, .nodePorts, .proxyFirewall: true
    default: false
    }
  }
}
