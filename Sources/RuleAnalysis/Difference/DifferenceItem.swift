import IPTables

/// One difference between the rules in the kernel and the rules that should be there. Places count from 0.
package struct DifferenceItem: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// The chain does not exist; these rules should be in it.
    case missingChain([Rule])
    /// The chain should not exist; these rules are in it.
    case extraChain([Rule])
    case missingRule(Rule, at: Int)
    /// A rule that a service proxy wrote and that should not be there.
    case extraRule(Rule, at: Int)
    case changedRule(Rule, to: Rule, at: Int)
    /// The rule stands at `from` and belongs at `to`.
    case movedRule(Rule, from: Int, to: Int)
    /// A rule of another program in one of the proxy's chains.
    case foreignRule(Rule, at: Int)
    /// A built-in chain lacks the rule that jumps to the proxy's chain.
    case missingJump(Rule)
    /// The jump is there more than once.
    case repeatedJump(Rule, at: Int)
    /// A rule of another program in a built-in chain, before the jump.
    case foreignRuleBeforeJump(Rule, at: Int, jump: Rule)
  }

  package let chain: ChainKey
  package let kind: Kind

  package init(_ chain: ChainKey, _ kind: Kind) {
    self.chain = chain
    self.kind = kind
  }

  /// Nodes usually have rules of other programs before the proxy's jumps, or in the chain that the kubelet uses too.
  /// The report mentions these rules, but does not count them as deviations.
  package var isRemark: Bool {
    switch kind {
    case .foreignRuleBeforeJump: true
    case .foreignRule: chain.isSharedWithKubelet
    default: false
    }
  }
}

extension ChainKey {
  /// Dispatch chains hold rules for addresses and ports that exclude each other, so the order of these rules does not
  /// matter.
  package var isDispatch: Bool {
    switch name {
    case .services, .externalServices, .nodePorts, .proxyFirewall: true
    default: false
    }
  }
}
