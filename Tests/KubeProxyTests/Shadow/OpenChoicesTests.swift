import IPTables
import Planner
import ServiceModel
import Testing

@testable import KubeProxy
@testable import Shadow

/// Choices that kube-proxy leaves open do not count as differences.
@Suite(.timeLimit(.minutes(5))) struct OpenChoicesTests {
  private static func name(_ text: String) -> NamespacedName { NamespacedName(namespace: "lab", name: text)! }

  private static func service(_ text: String, _ number: Int, _ change: (inout Service) -> Void = { _ in }) -> Service {
    let port = ServicePortName(service: name(text), port: "http", transport: .tcp)!
    var service = Service(
      name: name(text), clusterIPs: [IPAddress("10.96.0.\(number)")!],
      ports: [Service.Port(name: port, port: 80, nodePort: UInt16(30000 + number))])
    change(&service)
    return service
  }

  private static func slice(_ service: String, _ suffix: String, _ endpoints: [Endpoint]) -> EndpointSlice {
    EndpointSlice(
      name: name("\(service)-\(suffix)"), service: name(service), family: .ipv4,
      ports: [.init(name: "http", port: 8080)], endpoints: endpoints)
  }

  private static func plan(
    _ objects: [(Service, [EndpointSlice])], _ change: (inout PlannerOptions) -> Void = { _ in }
  ) -> ClusterPlan {
    var snapshot = ClusterSnapshot()
    for (service, slices) in objects {
      snapshot.set(service)
      for slice in slices { snapshot.set(slice) }
    }
    var options = PlannerOptions(family: .ipv4, nodeName: "node")
    options.dispatch = .flat
    options.endpointRules = .chains
    options.features.accounting = true
    change(&options)
    return ClusterPlan(options: options, snapshot: snapshot)
  }

  private static func endpoint(_ number: Int, _ conditions: Endpoint.Conditions = [.ready, .serving]) -> Endpoint {
    Endpoint(address: IPAddress("10.10.0.\(number)")!, conditions: conditions)
  }

  /// The kinds of the findings if the kernel has `rules`.
  private static func kinds(_ plan: ClusterPlan, _ rules: RuleSet) async throws -> Set<ShadowKind> {
    let kernel = SavedKernel()
    kernel.set(.ipv4, rules.saved)
    return Set(try await ShadowComparison(reading: kernel).whole(plan).findings.map(\.kind))
  }

  /// Two Services that claim one external IP.
  private static let rivals = plan([
    (service("a", 1) { $0.externalIPs = [IPAddress("203.0.113.7")!] }, [slice("a", "1", [endpoint(1)])]),
    (service("b", 2) { $0.externalIPs = [IPAddress("203.0.113.7")!] }, [slice("b", "1", [endpoint(2)])]),
  ])

  @Test func `the order of two equal claims is an open choice`() async throws {
    var rules = RuleSet(Self.rivals)
    let services = try #require(rules[.nat, .services])
    // All of b, then all of a, then the jump to node ports.
    let (a, b) = (
      services.filter { $0.description.contains("lab/a") }, services.filter { $0.description.contains("lab/b") }
    )
    #expect(a.count == 2 && b.count == 2)
    rules[.nat, .services] = b + a + services.filter { $0.jumpTarget == .nodePorts }
    #expect(try await Self.kinds(Self.rivals, rules) == [.open])
  }

  @Test func `a missing rule of one claim is not an open choice`() async throws {
    var rules = RuleSet(Self.rivals)
    rules[.nat, .services]?.removeAll { $0.description.contains("lab/b") && $0.description.contains("203.0.113.7") }
    #expect(try await Self.kinds(Self.rivals, rules) == [.missingRule])
  }

  @Test func `the jump to node ports must be the last`() async throws {
    var rules = RuleSet(Self.rivals)
    let services = try #require(rules[.nat, .services])
    rules[.nat, .services] = Array(services.suffix(1) + services.dropLast())
    #expect(try await Self.kinds(Self.rivals, rules) == [.movedRule])
  }

  @Test func `the order of several node addresses is an open choice`() async throws {
    let plan = Self.plan([(Self.service("a", 1) { $0.type = .nodePort }, [Self.slice("a", "1", [Self.endpoint(1)])])]) {
      let blocks = ["192.0.2.1/32", "198.51.100.1/32"].map { CIDR($0)! }
      $0.nodePortAddresses = NodePortAddresses(
        family: .ipv4, cidrs: blocks, interfaceAddresses: blocks.map(\.address))
    }
    var rules = RuleSet(plan)
    let services = try #require(rules[.nat, .services])
    let jumps = services.filter { $0.jumpTarget == .nodePorts }
    #expect(jumps.count == 2)
    rules[.nat, .services] = services.filter { $0.jumpTarget != .nodePorts } + jumps.reversed()
    #expect(try await Self.kinds(plan, rules) == [.open])
  }

  @Test func `the rule that counts node ports on localhost must come before its port's`() async throws {
    let plan = Self.plan([(Self.service("a", 1) { $0.type = .nodePort }, [Self.slice("a", "1", [Self.endpoint(1)])])])
    var rules = RuleSet(plan)
    let nodePorts = try #require(rules[.nat, .nodePorts])
    #expect(nodePorts.count == 2)
    rules[.nat, .nodePorts] = nodePorts.reversed()
    #expect(try await Self.kinds(plan, rules) == [.movedRule])
  }

  @Test func `which of two entries for one address counts is an open choice`() async throws {
    let service = Self.service("a", 1)
    func plan(_ entries: [Endpoint]) -> ClusterPlan {
      Self.plan([
        (
          service,
          [Self.slice("a", "1", [Self.endpoint(9)])]
            + entries.enumerated().map { Self.slice("a", "x\($0.offset)", [$0.element]) }
        )
      ])
    }
    let doubtful = plan([Self.endpoint(1), Self.endpoint(1, [])])
    // kube-proxy took the other entry.
    let other = RuleSet(plan([Self.endpoint(1, []), Self.endpoint(1)]))
    #expect(RuleSet(doubtful) != other)
    #expect(try await Self.kinds(doubtful, other) == [.open])
    // An entry that terminates never counts beside one that does not.
    let certain = plan([Self.endpoint(1, [.serving, .terminating]), Self.endpoint(1)])
    #expect(try await Self.kinds(certain, RuleSet(plan([]))).isDisjoint(with: [.open]))
    #expect(try await Self.kinds(certain, RuleSet(plan([]))).isEmpty == false)
  }

  @Test func `in a large cluster an unused chain may stay for a while`() async throws {
    let stale = ChainName("KUBE-SEP-AAAAAAAAAAAAAAAA")
    for (count, kind) in [(3, ShadowKind.extraChain), (1001, .open)] {
      let endpoints = (0..<count).map { Endpoint(address: IPAddress(family: .ipv4, bits: 0x0a0a_0000 + UInt128($0))) }
      let plan = Self.plan([(Self.service("a", 1), [Self.slice("a", "1", endpoints)])])
      var rules = RuleSet(plan)
      rules[.nat, stale] = []
      #expect(try await Self.kinds(plan, rules) == [kind])
    }
  }

  @Test func `more chains than can be looked into are counted`() async throws {
    let endpoints = (0..<1200).map { Endpoint(address: IPAddress(family: .ipv4, bits: 0x0a0a_0000 + UInt128($0))) }
    let plan = Self.plan([(Self.service("a", 1), [Self.slice("a", "1", endpoints)])])
    let kernel = SavedKernel()
    kernel.set(.ipv4, [])
    let outcome = try await ShadowComparison(reading: kernel).whole(plan)
    #expect(outcome.omitted == PlannedRules(plan).digests.count - ShadowComparison.mostChains)
    let shown = Set(outcome.findings.map(\.chain).filter { $0.name.prefix != nil })
    #expect(shown.count == ShadowComparison.mostChains)
    #expect(shown.isDisjoint(with: outcome.scope.omitted))
  }

  @Test func `a comparison of a part leaves out extra chains that it did not read`() async throws {
    let plan = Self.plan([(Self.service("a", 1), [])])
    let extra = (0..<300).map { number in
      let digits = String(String(1000 + number).map { Character(UnicodeScalar($0.asciiValue! + 17)) })
      return ChainName("KUBE-SVC-AAAAAAAAAAAA" + digits)
    }
    var rules = RuleSet(plan)
    for name in extra { rules[.nat, name] = [] }
    let kernel = SavedKernel()
    kernel.set(.ipv4, rules.saved)
    let outcome = try await ShadowComparison(reading: kernel).part(plan, [])
    #expect(outcome.omitted == extra.count - ShadowComparison.mostSingleChains)
    #expect(outcome.findings.count == ShadowComparison.mostSingleChains)
    #expect(Set(outcome.findings.map(\.chain)).isDisjoint(with: outcome.scope.omitted))
  }
}
