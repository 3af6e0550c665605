import IPTables
import ServiceModel

/// A plan that is given chain by chain.
public struct ListedPlan: RulePlan, Equatable {
  public var family: IPFamily
  public var jumps: [BuiltInJump]
  public var sharedChains: [ChainKey] = []
  public var chains: [Chain]

  public init(_ family: IPFamily, jumps: [BuiltInJump] = [], chains: [Chain] = []) {
    self.family = family
    self.jumps = jumps
    self.chains = chains
  }

  public func forEachChain(_ body: (Chain) throws -> Void) rethrows {
    for chain in chains { try body(chain) }
  }

  public static func == (left: ListedPlan, right: ListedPlan) -> Bool {
    left.family == right.family && left.jumps == right.jumps && left.sharedChains == right.sharedChains
      && left.chains == right.chains
  }
}
