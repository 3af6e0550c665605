import IPTables
import ServiceModel
import Testing

@testable import Planner

/// Properties of every plan as a whole.
@Suite(.timeLimit(.minutes(5))) struct PlanShapeTests {
  @Test(arguments: IPFamily.allCases, [nil, "10.200.0.0/16"])
  func `jumps nest less deeply than the kernel follows them`(_ family: IPFamily, subnet: String?) {
    for spread in [1, 20] {
      let cluster = TestCluster(BigCluster(1500, spread: spread).services, family, dispatch: .indexed) {
        options, text in
        options.serviceSubnets = subnet.map { [text.cidr($0)] } ?? []
      }
      let rules = RuleSet(cluster.plan)
      for table in Table.allCases { #expect(depth(table, rules) < 16, "\(table)") }
    }
  }

  @Test(arguments: IPFamily.allCases)
  func `the deepest tree before the longest path uses all jumps that nf_tables allows`(_ family: IPFamily) {
    let services = DeepCluster().services
    // Only one of the two has source ranges.
    for lacking in [0, 1] {
      let others = services.enumerated().filter { $0.offset != lacking }.map(\.element)
      let cluster = TestCluster(others, family, dispatch: .indexed) { options, text in
        options.serviceSubnets = [text.cidr("10.200.0.0/16")]
      }
      #expect(depth(.nat, RuleSet(cluster.plan)) == 15)
    }
  }

  /// Jumps on the longest way through a table. nf_tables remembers 16 callers (NFT_JUMP_STACK_SIZE).
  private func depth(_ table: Table, _ rules: RuleSet) -> Int {
    var depths: [ChainName: Int] = [:]
    return ChainName.builtIn(table).map { depth($0, table, rules, &depths) }.max() ?? 0
  }

  /// Jumps on the longest way from a chain.
  private func depth(_ chain: ChainName, _ table: Table, _ rules: RuleSet, _ known: inout [ChainName: Int]) -> Int {
    if let depth = known[chain] { return depth }
    var deepest = 0
    for target in Set((rules[table, chain] ?? []).compactMap(\.jumpTarget)) {
      deepest = max(deepest, 1 + depth(target, table, rules, &known))
    }
    known[chain] = deepest
    return deepest
  }

  @Test(arguments: IPFamily.allCases, DispatchMode.allCases)
  func `chains come in the order in which dispatch leads to them`(_ family: IPFamily, _ dispatch: DispatchMode) {
    // The test uses only cluster IPs, because then each Service has one place in the dispatch.
    let services = BigCluster(250, spread: 17).services.filter { $0.externalIPs.isEmpty && $0.ingress.isEmpty }
    let plan = TestCluster(services, family, dispatch: dispatch).plan
    var planned: [ChainName] = []
    plan.forEachServicePort { port in planned += port.chains.map(\.name).filter { $0.prefix == .cluster } }
    let rules = RuleSet(plan)
    var led: [ChainName] = []
    func follow(_ chain: ChainName) {
      for target in (rules[.nat, chain] ?? []).compactMap(\.jumpTarget) where !led.contains(target) {
        led.append(target)
        follow(target)
      }
    }
    follow(.services)
    let reached = Set(led)
    #expect(led.filter(Set(planned).contains) == planned.filter(reached.contains))
    #expect(reached.count > 100)
  }

  @Test(arguments: IPFamily.allCases, DispatchMode.allCases)
  func `the order in which objects arrive does not change the plan`(_ family: IPFamily, _ dispatch: DispatchMode) {
    func chains(_ services: [TestService]) -> [Chain] {
      var chains: [Chain] = []
      TestCluster(services, family, dispatch: dispatch).plan.forEachChain { chains.append($0) }
      return chains
    }
    let services = BigCluster(150, spread: 17).services
    #expect(chains(services) == chains(services.reversed()))
  }

  @Test func `a Service of both families has rules in each, of its own addresses only`() {
    let texts = IPFamily.allCases.map(FamilyText.init)
    let description = TestService(
      ports: [TestPort(nodePort: 30080)], ingress: ["203.0.113.1"], endpoints: ["10.10.1.5"])
    for order in [texts, texts.reversed()] {
      var service = description.service(order[0])
      let other = description.service(order[1])
      service.clusterIPs += other.clusterIPs
      service.loadBalancerIPs += other.loadBalancerIPs
      for text in texts {
        let options = TestCluster([], text.family).options
        let planner = ServicePlanner(options: options, isLargeCluster: false)
        let slices = description.endpointSlices(text)
        let alone = planner.plan(description.service(text), slices: slices)
        #expect(planner.plan(service, slices: slices) == alone)
        #expect(alone.map(\.endpoints.count) == [1])
      }
    }
  }
}
