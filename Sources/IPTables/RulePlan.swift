import ServiceModel

/// A chain's place: its table and its name.
public struct ChainKey: Hashable, Sendable, Comparable {
  public let table: Table
  public let name: ChainName

  public init(_ table: Table, _ name: ChainName) {
    self.table = table
    self.name = name
  }

  public static func < (left: ChainKey, right: ChainKey) -> Bool { (left.table, left.name) < (right.table, right.name) }
}

/// A rule that has to stand in a built-in chain for ours to be reached.
public struct BuiltInJump: Hashable, Sendable {
  public let table: Table
  public let chain: ChainName
  public let rule: Rule

  public init(_ table: Table, _ chain: ChainName, _ rule: Rule) {
    self.table = table
    self.chain = chain
    self.rule = rule
  }
}

/// All rules that one family shall have. Chains are made one by one as they are asked for, never kept all at once.
public protocol RulePlan: Sendable {
  var family: IPFamily { get }
  /// In the order in which they stand in their built-in chains, first to last, in front of all other rules there.
  var jumps: [BuiltInJump] { get }
  /// Chains that have to exist but whose rules are somebody else's: made where missing, never emptied.
  var sharedChains: [ChainKey] { get }
  /// Well-known chains whose rules have to be there before the first service chain that packets meet is replaced.
  var leadingChains: [ChainKey] { get }
  /// Calls `body` for each chain once, always in the same order.
  func forEachChain(_ body: (Chain) throws -> Void) rethrows
}

extension RulePlan {
  public var leadingChains: [ChainKey] { [] }
}

/// What changed since the last plan: whole chains, as the kernel replaces chains and not rules.
public struct RuleChange: Sendable, Equatable {
  /// New or changed chains.
  public var chains: [Chain]
  /// Chains that nothing shall refer to any more.
  public var removed: [ChainKey]

  public init(chains: [Chain] = [], removed: [ChainKey] = []) {
    self.chains = chains
    self.removed = removed
  }

  public var isEmpty: Bool { chains.isEmpty && removed.isEmpty }
}
