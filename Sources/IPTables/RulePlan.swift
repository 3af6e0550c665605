import ServiceModel

/// The table and the name of a chain.
package struct ChainKey: Hashable, Sendable, Comparable {
  package let table: Table
  package let name: ChainName

  package init(_ table: Table, _ name: ChainName) {
    self.table = table
    self.name = name
  }

  package static func < (left: ChainKey, right: ChainKey) -> Bool {
    (left.table, left.name) < (right.table, right.name)
  }
}

/// A rule in a built-in chain that jumps to one of the proxy's chains.
package struct BuiltInJump: Hashable, Sendable {
  package let table: Table
  package let chain: ChainName
  package let rule: Rule

  package init(_ table: Table, _ chain: ChainName, _ rule: Rule) {
    self.table = table
    self.chain = chain
    self.rule = rule
  }
}

/// All rules that one family should have. The plan makes the chains one at a time and never keeps all of them.
package protocol RulePlan: Sendable {
  var family: IPFamily { get }
  /// The jumps in the order in which they stand in their built-in chains, before all other rules there.
  var jumps: [BuiltInJump] { get }
  /// Chains that must exist but whose rules belong to another program. They are created if they are missing, and never
  /// emptied.
  var sharedChains: [ChainKey] { get }
  /// Well-known chains whose rules must be in the kernel before the first service chain is replaced.
  var leadingChains: [ChainKey] { get }
  /// First rules of well-known chains that are not planned. If such a chain loses them, they stay until the last
  /// transaction, because a packet that met the old rules of another chain may still need them.
  var lingeringRules: [ChainKey: [Rule]] { get }
  /// Calls `body` for each chain once, always in the same order.
  func forEachChain(_ body: (Chain) throws -> Void) rethrows
}

extension RulePlan {
  package var leadingChains: [ChainKey] { [] }
  package var lingeringRules: [ChainKey: [Rule]] { [:] }
}

/// What changed since the last plan. It holds whole chains, because the applier compares whole chains with its image.
package struct RuleChange: Sendable, Equatable {
  /// New or changed chains.
  package var chains: [Chain]
  /// Chains that no rule should refer to any more.
  package var removed: [ChainKey]

  package init(chains: [Chain] = [], removed: [ChainKey] = []) {
    self.chains = chains
    self.removed = removed
  }

  package var isEmpty: Bool { chains.isEmpty && removed.isEmpty }
}
