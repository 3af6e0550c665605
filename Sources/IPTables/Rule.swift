import ServiceModel

/// What happens to a packet that a rule matches.
public enum Target: Hashable, Sendable {
  case jump(ChainName)
  /// A jump after which the packet does not come back (`-g`).
  case goTo(ChainName)
  case accept
  case drop
  /// With the family's ICMP port unreachable.
  case reject
  case `return`
  case masquerade(randomFully: Bool)
  /// Sets these bits of the packet's mark.
  case setMark(UInt32)
  /// Flips these bits of the packet's mark.
  case flipMark(UInt32)
  case destinationNAT(SocketAddress)
  /// Words that this program does not write itself, kept as they were read, target name first.
  case other([String])
}

/// One rule: its conditions in the order they are written, and its target, if any.
public struct Rule: Hashable, Sendable {
  public var matches: [Match]
  public var target: Target?

  public init(_ matches: [Match], _ target: Target?) {
    self.matches = matches
    self.target = target
  }

  /// Whether its place in a built-in chain does not matter. kubelet makes the jump to KUBE-FIREWALL as well, and kube-proxy
  /// only sees to it that there is one.
  public var mayStandAnywhere: Bool { jumpTarget == .kubeFirewall }

  /// The text of its comment.
  public var comment: Comment? {
    for case .comment(let comment) in matches { return comment }
    return nil
  }

  /// The chain it jumps or goes to.
  public var jumpTarget: ChainName? {
    switch target {
    case .jump(let chain), .goTo(let chain): chain
    default: nil
    }
  }
}

/// A chain with all of its rules.
public struct Chain: Hashable, Sendable {
  public var table: Table
  public var name: ChainName
  public var rules: [Rule]

  public init(_ table: Table, _ name: ChainName, rules: [Rule] = []) {
    self.table = table
    self.name = name
    self.rules = rules
  }
}
