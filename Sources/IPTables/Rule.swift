import ServiceModel

/// What happens to a packet that a rule matches.
package enum Target: Hashable, Sendable {
  case jump(ChainName)
  /// A jump after which the packet does not return to this chain (`-g`).
  case goTo(ChainName)
  case accept
  case drop
  /// Rejects the packet with the family's ICMP port-unreachable message.
  case reject
  case `return`
  case masquerade(randomFully: Bool)
  /// Sets these bits of the packet's mark.
  case setMark(UInt32)
  /// Flips these bits of the packet's mark.
  case flipMark(UInt32)
  case destinationNAT(SocketAddress)
  /// A target that this program does not write itself, in the words that were read, with the target's name first.
  case other([String])
}

/// One rule: its conditions in the order in which they are written, and its target, if it has one.
package struct Rule: Hashable, Sendable {
  package var matches: [Match]
  package var target: Target?

  package init(_ matches: [Match], _ target: Target?) {
    self.matches = matches
    self.target = target
  }

  /// Whether the rule's place in a built-in chain does not matter. The kubelet creates the jump to KUBE-FIREWALL too,
  /// and kube-proxy only makes sure that there is one.
  package var mayStandAnywhere: Bool { jumpTarget == .kubeFirewall }

  /// The text of its comment.
  package var comment: Comment? {
    for case .comment(let comment) in matches { return comment }
    return nil
  }

  /// The chain that the rule jumps or goes to.
  package var jumpTarget: ChainName? {
    switch target {
    case .jump(let chain), .goTo(let chain): chain
    default: nil
    }
  }
}

/// A chain with all of its rules.
package struct Chain: Hashable, Sendable {
  package var table: Table
  package var name: ChainName
  package var rules: [Rule]

  package init(_ table: Table, _ name: ChainName, rules: [Rule] = []) {
    self.table = table
    self.name = name
    self.rules = rules
  }
}
