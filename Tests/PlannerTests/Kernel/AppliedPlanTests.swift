import Applier
import ApplierSupport
import Glibc
import IPTables
import ServiceModel
import Testing

@testable import Planner

/// Planner and applier follow clusters that grow and shrink across all bounds. In the end the kernel has the rules of
/// one full plan.
@Suite(.timeLimit(.minutes(10))) struct AppliedPlanTests {
  /// The numbers of Services, in order. Between 30 and 150 the cluster crosses 100 dispatch entries. Between 150 and
  /// 800 it crosses 500 chains in one change and 1,000 endpoints. It crosses all of them again on the way back.
  private static let sizes = [30, 150, 800, 780, 300, 40]

  @Test(arguments: [(Backend.nft, IPFamily.ipv4), (.nft, .ipv6), (.legacy, .ipv6)])
  func `a kernel in memory holds one full plan after any changes`(_ backend: Backend, _ family: IPFamily) async throws {
    let kernel = FakeKernel(backend)
    try await grow(Follower(family, kernel)) { kernel.current.rules[family]! }
  }

  @Test(
    .enabled(if: ScratchNamespace.isPossible, "network namespaces need root"),
    arguments: [(Backend.nft, IPFamily.ipv6), (.legacy, .ipv4)])
  func `a kernel holds one full plan after any changes`(_ backend: Backend, _ family: IPFamily) async throws {
    try await ScratchNamespace.with { scratch in
      try await grow(Follower(family, scratch.commands(backend))) { try await scratch.rules(backend, family) }
    }
  }

  private func grow(_ follower: Follower, _ held: () async throws -> RuleSet) async throws {
    var follower = follower
    for size in Self.sizes {
      try await follower.follow { $0.resize(to: size) }
      for count in [1, 2, 30] {
        try await follower.follow { cluster in Set((0..<count).map { _ in cluster.change() }) }
      }
      #expect(differences(try await held(), follower.planned) == [], "\(size) Services")
    }
    #expect(follower.fullSyncs >= 3, "at first, and whenever the cluster becomes large or no longer is")
    #expect(follower.forms == [false, true, false], "chains for endpoints, compact, and chains again")
    #expect(follower.partialSyncs >= 15)
    #expect(follower.mostTransactions > 6 || follower.backend == .legacy, "some changes were staged")
  }

  @Test(
    .enabled(if: ScratchNamespace.isPossible, "network namespaces need root"), arguments: IPFamily.allCases)
  func `a restore killed while it stages an indexed cluster leaves the old rules, and the next ends in the plan`(
    _ family: IPFamily
  ) async throws {
    try await ScratchNamespace.with { scratch in
      let commands = KillableCommands(scratch.commands(.nft))
      var follower = Follower(family, commands)
      try await follower.follow { $0.resize(to: 150) }
      let before = follower.planned
      for (size, isPartial) in [(500, true), (520, false)] {
        commands.killRestore(afterPieces: 3)
        let error = await #expect(throws: ApplyError.self) { try await follower.follow { $0.resize(to: size) } }
        #expect(error?.command?.cause == .signalled(SIGKILL))
        #expect(!commands.isArmed)
        let left = try await scratch.rules(.nft, family)
        #expect(differences(reached(in: left), reached(in: before)) == [], "partial sync: \(isPartial)")
      }
      try await follower.follow { $0.resize(to: 510) }
      #expect(differences(try await scratch.rules(.nft, family), follower.planned) == [])
    }
  }

  /// What packets can meet.
  private func reached(in rules: RuleSet) -> RuleSet {
    var found = RuleSet(family: rules.family)
    for table in Table.allCases {
      var next = ChainName.builtIn(table)
      while let name = next.popLast() {
        guard found[table, name] == nil, let own = rules[table, name] else { continue }
        found[table, name] = own
        next += own.compactMap(\.jumpTarget)
      }
    }
    return found
  }

  /// Chains that are not the same, by name. Built-in chains without rules may be there or not.
  private func differences(_ left: RuleSet, _ right: RuleSet) -> [String] {
    Table.allCases.flatMap { table in
      let builtIn = ChainName.builtIn(table)
      return Set((left.tables[table] ?? [:]).keys).union((right.tables[table] ?? [:]).keys)
        .filter { name in
          let (one, other) = (left[table, name]?.map(\.canonical), right[table, name]?.map(\.canonical))
          return builtIn.contains(name) ? (one ?? []) != (other ?? []) : one != other
        }
        .map { "\(table.rawValue) \($0)" }.sorted()
    }
  }
}

/// A random cluster, and what follows it: planner and applier, as the daemon has them.
private struct Follower {
  private var cluster: RandomCluster
  private let options: PlannerOptions
  private let applier: FamilyApplier
  private var state: PlanState
  let backend: Backend
  private(set) var fullSyncs = 0
  private(set) var partialSyncs = 0
  private(set) var mostTransactions = 0
  /// Whether rules were compact, one value for each run of the same form.
  private(set) var forms: [Bool] = []

  init(_ family: IPFamily, _ commands: some IPTablesCommands) {
    cluster = RandomCluster(seed: 11, size: 0, family: family)
    var options = PlannerOptions(family: family, nodeName: "here")
    options.localTraffic = .source(cluster.text.cidr("10.10.0.0/16"))
    options.serviceSubnets = [cluster.text.cidr("10.96.0.0/16")]
    self.options = options
    applier = FamilyApplier(family: family, commands: commands)
    state = PlanState(options: options, snapshot: cluster.snapshot)
    backend = commands.backend
  }

  var planned: RuleSet { RuleSet(ClusterPlan(options: options, snapshot: cluster.snapshot)) }

  /// Changes the cluster and syncs: partially where that is possible.
  ///
  /// - Parameter body: changes the cluster, and returns the Services that this concerns.
  mutating func follow(_ body: (inout RandomCluster) -> Set<NamespacedName>) async throws {
    let change = state.update(body(&cluster), in: cluster.snapshot)
    let report: ApplyReport
    if let change, await applier.knowsKernelState {
      report = try await applier.sync(partial: change)
      partialSyncs += 1
    } else {
      state = PlanState(options: options, snapshot: cluster.snapshot)
      let plan = ClusterPlan(options: options, snapshot: cluster.snapshot)
      report = try await applier.sync(full: plan)
      fullSyncs += 1
      if forms.last != plan.isCompact { forms.append(plan.isCompact) }
    }
    mostTransactions = max(mostTransactions, report.transactions)
  }
}

extension ScratchNamespace {
  /// The rules of the tables that we write to.
  fileprivate func rules(_ backend: Backend, _ family: IPFamily) async throws -> RuleSet {
    var rules = RuleSet(family: family)
    for table in Table.allCases { rules.tables[table] = try await self.rules(backend, family, table).tables[table] }
    return rules
  }
}
