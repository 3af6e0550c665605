import Applier
import IPTables
import Planner
import ServiceModel

/// What a comparison needs of a plan: the rules of a few chains, and digests of the many others.
struct PlannedRules: Sendable {
  let plan: ClusterPlan
  /// The digests of all service chains.
  private(set) var digests: [ChainKey: ChainRecord] = [:]
  /// The jumps in built-in chains, and the service proxy's well-known chains.
  private(set) var rules: RuleSet

  init(_ plan: ClusterPlan) {
    self.plan = plan
    rules = RuleSet(family: plan.family)
    for jump in plan.jumps { rules.tables[jump.table, default: [:]][jump.chain, default: []].append(jump.rule) }
    for chain in plan.sharedChains { rules[chain.table, chain.name] = [] }
    plan.forEachChain { chain in
      if chain.name.prefix != nil {
        digests[ChainKey(chain.table, chain.name)] = ChainRecord(chain.rules)
      } else {
        rules[chain.table, chain.name] = chain.rules
      }
    }
  }

  /// A chain with its rules and the Service that it belongs to; nil for a chain of several Services.
  struct OwnedChain: Sendable {
    let chain: Chain
    let owner: NamespacedName?
  }

  /// The rules of these service chains. Plans all Services once more, because the plan does not keep its chains.
  func details(of wanted: Set<ChainKey>) -> [ChainKey: OwnedChain] {
    if wanted.isEmpty { return [:] }
    var found = chains { _, key in wanted.contains(key) }
    if found.count < wanted.count {
      // Dispatch chains of the indexed layout lead to many Services.
      plan.forEachChain { chain in
        let key = ChainKey(chain.table, chain.name)
        if wanted.contains(key), found[key] == nil { found[key] = OwnedChain(chain: chain, owner: nil) }
      }
    }
    return found
  }

  /// The chains of these Services.
  func chains(of services: Set<NamespacedName>) -> [ChainKey: OwnedChain] {
    services.isEmpty ? [:] : chains { owner, _ in services.contains(owner) }
  }

  private func chains(where isWanted: (NamespacedName, ChainKey) -> Bool) -> [ChainKey: OwnedChain] {
    var found: [ChainKey: OwnedChain] = [:]
    plan.forEachServicePort { port in
      for chain in port.chains {
        let key = ChainKey(chain.table, chain.name)
        if isWanted(port.name.service, key) { found[key] = OwnedChain(chain: chain, owner: port.name.service) }
      }
    }
    return found
  }
}
