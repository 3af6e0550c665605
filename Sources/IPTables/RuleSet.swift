import ServiceModel

/// Chains of one family: those that should exist, or those that a kernel holds.
package struct RuleSet: Sendable, Equatable {
  package var family: IPFamily
  package var tables: [Table: [ChainName: [Rule]]]
  /// What built-in chains do with a packet at their end; a chain without an entry accepts it.
  package var policies: [ChainKey: ChainPolicy] = [:]

  package init(family: IPFamily, chains: some Sequence<Chain> = []) {
    self.family = family
    tables = [:]
    for chain in chains { self[chain.table, chain.name] = chain.rules }
  }

  /// The rules of a chain; nil if there is no such chain.
  package subscript(table: Table, chain: ChainName) -> [Rule]? {
    get { tables[table]?[chain] }
    set { tables[table, default: [:]][chain] = newValue }
  }

  /// The chains of a table, ordered by name.
  package func chains(of table: Table) -> [Chain] {
    (tables[table] ?? [:]).map { Chain(table, $0.key, rules: $0.value) }.sorted { $0.name < $1.name }
  }
}

extension RuleSet {
  /// All chains of a plan, and its jumps in built-in chains that hold nothing else.
  package init(_ plan: some RulePlan) {
    self.init(family: plan.family)
    for jump in plan.jumps { tables[jump.table, default: [:]][jump.chain, default: []].append(jump.rule) }
    for chain in plan.sharedChains { self[chain.table, chain.name] = [] }
    plan.forEachChain { self[$0.table, $0.name] = $0.rules }
  }
}
