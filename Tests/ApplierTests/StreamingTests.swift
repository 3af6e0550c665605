import Applier
import ApplierSupport
import IPTables
import ServiceModel
import Synchronization
import Testing

@Suite("A plan is walked over once", .timeLimit(.minutes(2)))
struct StreamingTests {
  /// Counts the walks over a plan.
  private final class CountedPlan: RulePlan {
    let plan: ListedPlan
    private let count = Mutex(0)

    init(_ plan: ListedPlan) { self.plan = plan }

    var walks: Int { count.withLock { $0 } }
    var family: IPFamily { plan.family }
    var jumps: [BuiltInJump] { plan.jumps }
    var sharedChains: [ChainKey] { plan.sharedChains }

    func forEachChain(_ body: (Chain) throws -> Void) rethrows {
      count.withLock { $0 += 1 }
      try plan.forEachChain(body)
    }
  }

  private static func listed(_ cluster: SyntheticCluster) -> ListedPlan {
    var plan = ListedPlan(cluster.family, jumps: SyntheticCluster.jumps)
    cluster.plan.forEachChain { plan.chains.append($0) }
    return plan
  }

  @Test(arguments: Backend.allCases)
  func `a full sync asks the plan for each chain once, even if it writes all of them`(backend: Backend) async throws {
    let kernel = FakeKernel(backend)
    let cluster = SyntheticCluster(.ipv4, services: 300, endpoints: 3)
    let plan = CountedPlan(Self.listed(cluster))
    let applier = FamilyApplier(family: .ipv4, commands: kernel)
    let report = try await applier.sync(full: plan)
    #expect(plan.walks == 1)
    #expect(report.tables[.nat]?.chainsWritten == SyntheticChains(cluster).count(of: .nat))
    #expect(FamilyApplierTests.held(kernel, .ipv4) == FamilyApplierTests.planned(cluster))
  }

  @Test
  func `on legacy, a chain is declared once, and before any rule that is in it or leads to it`() async throws {
    let kernel = FakeKernel(.legacy)
    var cluster = SyntheticCluster(.ipv4, services: 12, endpoints: 3)
    let applier = FamilyApplier(family: .ipv4, commands: kernel)
    _ = try await applier.sync(full: cluster.plan)
    try check(kernel.current.input)

    // Now some chains stay, some are new, and some are deleted.
    cluster.generation = 1
    for service in 0..<6 { cluster.endpoints[service] = service.isMultiple(of: 2) ? 5 : nil }
    for service in 12..<15 { cluster.endpoints[service] = 2 }
    let report = try await applier.sync(full: cluster.plan)
    try check(kernel.current.input)
    #expect(FamilyApplierTests.held(kernel, .ipv4) == FamilyApplierTests.planned(cluster))
    #expect(report.tables[.nat]?.chainsRemoved ?? 0 > 0)
    #expect(report.tables[.nat]?.rulesWritten == rules(in: kernel.current.input))
  }

  /// The fake kernel refuses a rule whose chain or target does not exist. A second declaration would empty the chain.
  private func check(_ input: String) throws {
    let nat = try #require(input.split(separator: "*").first { $0.hasPrefix("nat") })
    let declared = nat.split(separator: "\n").filter { $0.hasPrefix(":") }.map { $0.prefix { $0 != " " } }
    #expect(!declared.isEmpty)
    #expect(Set(declared).count == declared.count)
    #expect(nat.hasSuffix("COMMIT\n"))
  }

  private func rules(in input: String) -> Int {
    let nat = input.split(separator: "*").first { $0.hasPrefix("nat") } ?? ""
    return nat.split(separator: "\n").count { $0.hasPrefix("-A ") || $0.hasPrefix("-I ") }
  }
}
