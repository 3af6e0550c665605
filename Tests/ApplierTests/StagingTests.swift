import Applier
import ApplierSupport
import IPTables
import Mutations
import ServiceModel
import Testing

@Suite("Stage, then flip", .timeLimit(.minutes(5)))
struct StagingTests {
  private static let eager = FamilyApplierTests.eager

  /// Chains that packets can reach, with the rules they meet there.
  private func reachable(_ rules: RuleSet) -> [ChainKey: [Rule]] {
    var found: [ChainKey: [Rule]] = [:]
    var next = Table.allCases.flatMap { table in ChainName.builtIn(table).map { ChainKey(table, $0) } }
    while let key = next.popLast() {
      guard found[key] == nil, let own = rules[key.table, key.name] else { continue }
      found[key] = own.map(\.canonical)
      next += own.compactMap(\.jumpTarget).map { ChainKey(key.table, $0) }
    }
    return found
  }

  /// The rules after every COMMIT of a full sync to `after` on a kernel that holds `before`.
  private func commits(from before: SyntheticCluster, to after: SyntheticCluster) async throws -> [RuleSet] {
    let kernel = FakeKernel()
    let applier = FamilyApplier(family: .ipv4, commands: kernel, policy: Self.eager)
    _ = try await applier.sync(full: before.plan)
    kernel.change { $0.history = [] }
    _ = try await applier.sync(full: after.plan)
    return kernel.current.history ?? []
  }

  @Test
  func `on a fresh kernel nothing is reachable before the flip, and everything after it`() async throws {
    let kernel = FakeKernel()
    kernel.change { $0.history = [] }
    let cluster = SyntheticCluster(.ipv4, services: 10, endpoints: 3)
    _ = try await FamilyApplier(family: .ipv4, commands: kernel, policy: Self.eager).sync(full: cluster.plan)
    let steps = (kernel.current.history ?? []).map { reachable($0).keys.filter { $0.table == .nat }.count }
    let builtIn = ChainName.builtIn(.nat).count
    let flip = try #require(steps.firstIndex { $0 > builtIn })
    #expect(flip >= 5)
    #expect(steps[flip...].allSatisfy { $0 == builtIn + 3 + 10 * 4 })
  }

  @Test
  func `at every COMMIT, each chain that packets reach is wholly old or wholly new`() async throws {
    let before = SyntheticCluster(.ipv4, services: 8, endpoints: 3)
    var after = SyntheticCluster(.ipv4, services: 14, endpoints: 4)
    after.generation = 1
    for service in [0, 3] { after.endpoints[service] = nil }
    let old = FamilyApplierTests.planned(before)
    let new = FamilyApplierTests.planned(after)
    let steps = try await commits(from: before, to: after)
    #expect(steps.count > 5)
    for step in steps {
      for (key, rules) in reachable(step) {
        let versions = [old[key.table, key.name], new[key.table, key.name]]
        #expect(versions.contains(rules), "\(key.name)")
      }
    }
    #expect(reachable(steps.last!) == reachable(new))
  }

  @Test
  func `deletions come after the flip`() async throws {
    let before = SyntheticCluster(.ipv4, services: 20, endpoints: 3)
    var after = before
    for service in 5..<20 { after.endpoints[service] = nil }
    let steps = try await commits(from: before, to: after)
    let final = reachable(FamilyApplierTests.planned(after))
    #expect(reachable(steps[0]) == final)
    #expect(steps.count > 10)
    #expect(steps.last?.tables[.nat]?.count == FamilyApplierTests.planned(after).tables[.nat]?.count)
  }

  @Test
  func `nat flips before filter: a Service that gets endpoints is never neither rejected nor translated`() async throws
  {
    var before = SyntheticCluster(.ipv4, services: 3, endpoints: 1)
    before.rejected = [1]
    var after = before
    after.rejected = []
    after.endpoints[1] = 2
    let steps = try await commits(from: before, to: after)
    let stillRejects = steps.map { $0[.filter, .services]?.isEmpty == false }
    let translates = steps.map { $0[.nat, after.chainName(.cluster, 1, 0)]?.count == 2 }
    #expect(stillRejects.first == true && stillRejects.last == false)
    #expect(zip(stillRejects, translates).allSatisfy { $0 || $1 })
  }

  @Test(arguments: Backend.allCases)
  func `a plan that refers to a chain it lacks never reaches its flip`(backend: Backend) async throws {
    let kernel = FakeKernel(backend)
    let cluster = SyntheticCluster(.ipv4, services: 4, endpoints: 2)
    var plan = ListedPlan(.ipv4, jumps: SyntheticCluster.jumps)
    cluster.plan.forEachChain { plan.chains.append($0) }
    let lost = cluster.chainName(.endpoint, 1, 1)
    plan.chains.removeAll { $0.name == lost }
    let policy = backend == .nft ? Self.eager : nil
    let applier = FamilyApplier(family: .ipv4, commands: kernel, policy: policy)
    let error = await #expect(throws: ApplyError.self) { try await applier.sync(full: plan) }
    #expect(error?.description.contains("\(lost)") == true)
    let met = reachable(kernel.current.rules[.ipv4]!).values.flatMap(\.self)
    #expect(met.isEmpty)
  }

  @Test(arguments: 1...12)
  func `killed before any COMMIT, the next full sync writes only what is missing`(commit: Int) async throws {
    let before = SyntheticCluster(.ipv4, services: 6, endpoints: 3)
    var after = SyntheticCluster(.ipv4, services: 12, endpoints: 4)
    after.endpoints[2] = nil
    let kernel = FakeKernel()
    let applier = FamilyApplier(family: .ipv4, commands: kernel, policy: Self.eager)
    _ = try await applier.sync(full: before.plan)
    let planned = FamilyApplierTests.planned(after)
    /// The number of planned chains that the kernel does not have yet.
    func missing() -> Int {
      let held = FamilyApplierTests.held(kernel, .ipv4)
      return planned.chains(of: .nat).count { held[.nat, $0.name] != $0.rules }
    }
    let all = missing()
    kernel.change { $0.killBeforeCommit = commit }
    let error = await #expect(throws: ApplyError.self) { try await applier.sync(full: after.plan) }
    #expect(error?.command?.cause == .signalled(9))
    let left = missing()
    #expect(commit == 1 ? left == all : left < all, "what was committed is staged")
    let report = try await applier.sync(full: after.plan)
    #expect(FamilyApplierTests.held(kernel, .ipv4) == planned)
    #expect(report.tables[.nat]?.chainsWritten == left, "what was staged is found and used")
  }

  @Test(arguments: 1...20)
  func `partial syncs in any order end in the rules of one full sync`(seed: UInt64) async throws {
    var random = SplitMix64(seed: seed)
    var cluster = SyntheticCluster(.ipv4, services: 6, endpoints: 2)
    let kernel = FakeKernel(seed.isMultiple(of: 3) ? .legacy : .nft)
    let policy = kernel.backend == .legacy ? nil : seed.isMultiple(of: 2) ? Self.eager : .staged
    let applier = FamilyApplier(family: .ipv4, commands: kernel, policy: policy)
    _ = try await applier.sync(full: cluster.plan)
    for _ in 0..<15 {
      var change = RuleChange()
      let before = Set(SyntheticChains(cluster).keys)
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let service = Int.random(in: 0..<12, using: &random)
        cluster.endpoints[service] = Bool.random(using: &random) ? Int.random(in: 1...5, using: &random) : nil
      }
      cluster.rejected = Bool.random(using: &random) ? [Int.random(in: 0..<12, using: &random)] : []
      for service in cluster.endpoints.keys { change.chains += cluster.chains(of: service) }
      change.chains += cluster.dispatch
      change.chains.shuffle(using: &random)
      change.removed = Array(before.subtracting(SyntheticChains(cluster).keys)).shuffled(using: &random)
      _ = try await applier.sync(partial: change)
    }
    #expect(FamilyApplierTests.held(kernel, .ipv4) == FamilyApplierTests.planned(cluster))
    #expect(try await applier.sync(full: cluster.plan).isUnchanged)
  }
}

/// The chains of a synthetic cluster, listed.
struct SyntheticChains {
  let keys: [ChainKey]

  init(_ cluster: SyntheticCluster) {
    var keys: [ChainKey] = []
    cluster.plan.forEachChain { keys.append(ChainKey($0.table, $0.name)) }
    self.keys = keys
  }

  func count(of table: Table) -> Int { keys.count { $0.table == table } }
}
