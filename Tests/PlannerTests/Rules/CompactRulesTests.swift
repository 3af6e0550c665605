import IPTables
import ServiceModel
import Testing

@testable import Planner

/// The form of rules in which an endpoint is one rule. Addresses: see `FamilyText`.
@Suite(.timeLimit(.minutes(5))) struct CompactRulesTests {
  private static let web = TestService(endpoints: ["10.10.1.5", "10.10.2.5", "10.10.3.5"])

  private func cluster(_ services: [TestService], _ family: IPFamily) -> TestCluster {
    TestCluster(services, family, endpointRules: .compact)
  }

  @Test(arguments: IPFamily.allCases, TransportProtocol.allCases)
  func `one chain chooses the endpoint and translates`(_ family: IPFamily, _ transport: TransportProtocol) {
    var service = Self.web
    service.ports = [TestPort(transport: transport)]
    let cluster = cluster([service], family)
    let name = transport.lowercased
    let expected = """
      nat KUBE-SVC-web -m comment --comment "default/web cluster IP" -m \(name) -p \(name) -d 10.200.1.16 --dport 80 ! \
      -s 10.10.0.0/16 -j KUBE-MARK-MASQ
      nat KUBE-SVC-web -m statistic --mode random --probability 0.3333333333 -p \(name) -j DNAT --to-destination \
      10.10.1.5:8080
      nat KUBE-SVC-web -m statistic --mode random --probability 0.5000000000 -p \(name) -j DNAT --to-destination \
      10.10.2.5:8080
      nat KUBE-SVC-web -p \(name) -j DNAT --to-destination 10.10.3.5:8080
      nat KUBE-SERVICES -m comment --comment "default/web cluster IP" -m \(name) -p \(name) -d 10.200.1.16 --dport 80 -j \
      KUBE-SVC-web
      """
    #expect(cluster.serviceRules == cluster.text(expected))
  }

  @Test(arguments: IPFamily.allCases)
  func `hairpins of all endpoints are found by one rule, before any other`(_ family: IPFamily) {
    let (compact, chains) = (cluster([Self.web], family), TestCluster([Self.web], family))
    let program =
      family == .ipv4
      ? "6,32 0 0 12,7 0 0 0,32 0 0 16,29 0 1 0,6 0 0 65535,6 0 0 0"
      : "18,32 0 0 8,7 0 0 0,32 0 0 24,29 0 13 0,32 0 0 12,7 0 0 0,32 0 0 28,29 0 9 0,32 0 0 16,7 0 0 0,"
        + "32 0 0 32,29 0 5 0,32 0 0 20,7 0 0 0,32 0 0 36,29 0 1 0,6 0 0 65535,6 0 0 0"
    let loopback = family == .ipv4 ? "127.0.0.0/8" : "::1/128"
    let rule = """
      ! -s \(loopback) -m conntrack --ctstate DNAT -m bpf --bytecode "\(program)" -j MASQUERADE --random-fully

      """
    #expect(compact.rules(.nat, .kubePostrouting) == rule + chains.rules(.nat, .kubePostrouting))
  }

  @Test
  func `with session affinity each endpoint keeps its chain, because the list of its clients has the chain's name`() {
    var sticky = TestService(name: "sticky", clusterIP: "10.200.1.17", affinity: 60, endpoints: Self.web.endpoints)
    sticky.ports = [TestPort(nodePort: 30080)]
    func own(_ cluster: TestCluster) -> Set<Chain> {
      Set(cluster.plan.servicePorts.filter { $0.name.service == sticky.namespacedName }.flatMap(\.chains))
    }
    let compact = own(cluster([Self.web, sticky], .ipv4))
    #expect(compact.count { $0.name.prefix == .endpoint } == 3)
    #expect(compact == own(TestCluster([Self.web, sticky], .ipv4)), "to the letter")
  }

  struct Form: Sendable, CustomTestStringConvertible {
    let mode: EndpointRuleMode
    var hasMatch = true
    let endpoints: Int
    let isCompact: Bool
    let reason: String
    var testDescription: String { reason }
  }

  @Test(
    arguments: [
      Form(
        mode: .auto, endpoints: 1000, isCompact: false, reason: "a thousand endpoints are kube-proxy's to the letter"),
      Form(mode: .auto, endpoints: 1001, isCompact: true, reason: "one more crosses the bound"),
      Form(mode: .auto, hasMatch: false, endpoints: 1001, isCompact: false, reason: "the kernel has no bpf match"),
      Form(mode: .compact, endpoints: 1, isCompact: true, reason: "asked for"),
      Form(
        mode: .compact, hasMatch: false, endpoints: 1, isCompact: false,
        reason: "asked for, but the kernel has no bpf match"),
      Form(mode: .chains, endpoints: 1001, isCompact: false, reason: "chains asked for"),
    ])
  func `the form follows from the mode, the size and the kernel`(_ form: Form) {
    let endpoints = (0..<form.endpoints).map { "10.10.\($0 / 250 + 1).\($0 % 250 + 1)" }
    let cluster = TestCluster([TestService(endpoints: endpoints)], .ipv4, endpointRules: form.mode) { options, _ in
      options.features.bpf = form.hasMatch
    }
    let rules = RuleSet(cluster.plan)
    let findsHairpins = rules[.nat, .kubePostrouting]?.first?.matches.contains(.sameAddresses(.ipv4)) == true
    #expect(findsHairpins == form.isCompact)
    let chains = rules.chains(of: .nat).count { $0.name.prefix == .endpoint }
    #expect(chains == (form.isCompact ? 0 : form.endpoints))
  }

  @Test func `an added endpoint changes one group at each step of the choice`() {
    func groups(_ count: Int) -> [ChainName: [Rule]] {
      let endpoints = (0..<count).map { "10.10.\($0 / 250 + 2).\($0 % 250 + 1)" }
      let cluster = TestCluster(
        [TestService(endpoints: endpoints)], .ipv4, dispatch: .auto, endpointRules: .compact)
      return RuleSet(cluster.plan).tables[.nat]!.filter { $0.key.prefix == .cluster }
    }
    let (before, after) = (groups(300), groups(301))
    #expect(before.count > 30)
    #expect(Set(before.keys) == Set(after.keys))
    #expect(before.count { after[$0.key] != $0.value } <= 3, "the choice and one group of each step")
  }
}

extension ClusterPlan {
  fileprivate var servicePorts: [ServicePortPlan] {
    var plans: [ServicePortPlan] = []
    forEachServicePort { plans.append($0) }
    return plans
  }
}
