import IPTables
import ServiceModel
import Testing

@testable import Planner

@Suite(.timeLimit(.minutes(5))) struct PlanStateTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let size: Int
    let dispatch: DispatchMode
    let serviceSubnet: String?
    var endpointRules = EndpointRuleMode.auto
    let reason: String
    var testDescription: String { reason }
  }

  @Test(
    arguments: [
      Case(size: 3, dispatch: .auto, serviceSubnet: nil, reason: "a handful, flat"),
      Case(size: 60, dispatch: .auto, serviceSubnet: nil, reason: "back and forth across the bound of a flat chain"),
      Case(
        size: 400, dispatch: .auto, serviceSubnet: nil,
        reason: "a tree of several levels; the cluster is large at times"),
      Case(
        size: 400, dispatch: .indexed, serviceSubnet: "10.96.0.0/16", reason: "a tree of its own for the service subnet"
      ),
      Case(
        size: 150, dispatch: .auto, serviceSubnet: nil, endpointRules: .compact,
        reason: "one rule for each endpoint whatever the size"),
      Case(
        size: 150, dispatch: .auto, serviceSubnet: nil, endpointRules: .chains,
        reason: "a chain for each endpoint whatever the size"),
      Case(size: 5, dispatch: .indexed, serviceSubnet: "10.96.0.0/16", reason: "trees that are hardly there"),
      Case(size: 150, dispatch: .flat, serviceSubnet: nil, reason: "flat whatever the number"),
    ], IPFamily.allCases)
  func `updates in any order end in the rules of one full plan`(_ example: Case, _ family: IPFamily) {
    for seed in 1...2 as ClosedRange<UInt64> {
      var cluster = RandomCluster(seed: seed, size: example.size, family: family)
      var options = PlannerOptions(family: family, nodeName: "here")
      options.dispatch = example.dispatch
      options.endpointRules = example.endpointRules
      options.serviceSubnets = example.serviceSubnet.map { [cluster.text.cidr($0)] } ?? []
      var state = PlanState(options: options, snapshot: cluster.snapshot)
      var rules = ruleSet(ClusterPlan(options: options, snapshot: cluster.snapshot))
      for step in 0..<25 {
        let changed = Set((0..<[1, 1, 2, 40][step % 4]).map { _ in cluster.change() })
        let expected = ruleSet(ClusterPlan(options: options, snapshot: cluster.snapshot))
        if let change = state.update(changed, in: cluster.snapshot) {
          let keys = change.chains.map { ChainKey($0.table, $0.name) } + change.removed
          #expect(Set(keys).count == keys.count, "a chain that several Services touch comes once")
          for chain in change.chains { rules[chain.table, chain.name] = chain.rules }
          for key in change.removed { rules[key.table, key.name] = nil }
          #expect(difference(rules, expected) == [])
        } else {
          state = PlanState(options: options, snapshot: cluster.snapshot)
        }
        rules = expected
      }
    }
  }

  @Test(arguments: DispatchMode.allCases, [EndpointRuleMode.chains, .compact])
  func `every jump has its chain and every chain is reached`(_ dispatch: DispatchMode, _ form: EndpointRuleMode) {
    for subnet in [true, false] { checkReach(dispatch, form, subnet: subnet) }
  }

  private func checkReach(_ dispatch: DispatchMode, _ form: EndpointRuleMode, subnet: Bool) {
    let cluster = RandomCluster(seed: 7, size: 300)
    var options = PlannerOptions(family: .ipv4, nodeName: "here")
    options.endpointRules = form
    options.dispatch = dispatch
    options.serviceSubnets = subnet ? [CIDR("10.96.0.0/12")!] : []
    let plan = ClusterPlan(options: options, snapshot: cluster.snapshot)
    let rules = ruleSet(plan)
    var reached = Set(plan.jumps.map { ChainKey($0.table, $0.rule.jumpTarget!) })
    reached.formUnion(Table.allCases.map { ChainKey($0, .canary) })
    var known: Set<ChainKey> = []
    for table in Table.allCases {
      for chain in rules.chains(of: table) {
        known.insert(ChainKey(table, chain.name))
        for target in chain.rules.compactMap(\.jumpTarget) { reached.insert(ChainKey(table, target)) }
      }
    }
    #expect(reached.subtracting(known) == [])
    #expect(known.subtracting(reached) == [])
    #expect(known.allSatisfy { $0.name.description.utf8.count <= 28 })
  }

  private func ruleSet(_ plan: ClusterPlan) -> RuleSet {
    var rules = RuleSet(family: plan.family)
    plan.forEachChain { chain in
      #expect(rules[chain.table, chain.name] == nil, "\(chain.name) is planned twice")
      rules[chain.table, chain.name] = chain.rules
    }
    return rules
  }

  /// Chains that are not the same, by name.
  private func difference(_ left: RuleSet, _ right: RuleSet) -> [String] {
    Table.allCases.flatMap { table in
      Set((left.tables[table] ?? [:]).keys).union((right.tables[table] ?? [:]).keys)
        .filter { left[table, $0] != right[table, $0] }.map(\.description)
    }
  }
}
