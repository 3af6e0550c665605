import IPTables
import ServiceModel

/// A plan that is given chain by chain.
package struct ListedPlan: RulePlan, Equatable {
  package var family: IPFamily
  package var jumps: [BuiltInJump]
  package var sharedChains: [ChainKey] = []
  package var chains: [Chain]

  package init(_ family: IPFamily, jumps: [BuiltInJump] = [], chains: [Chain] = []) {
    self.family = family
    self.jumps = jumps
    self.chains = chains
  }

  package func forEachChain(_ body: (Chain) throws -> Void) rethrows {
    for chain in chains { try body(chain) }
  }

  package static func == (left: ListedPlan, right: ListedPlan) -> Bool {
    left.family == right.family && left.jumps == right.jumps && left.sharedChains == right.sharedChains
      && left.chains == right.chains
  }
}
