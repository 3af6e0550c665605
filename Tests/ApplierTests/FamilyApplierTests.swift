import Applier
import ApplierSupport
import IPTables
import ServiceModel
import Testing

@Suite("Syncs on a kernel in memory", .timeLimit(.minutes(5)))
struct FamilyApplierTests {
  /// Splits every change of two chains or more.
  static let eager = StagingPolicy(
    singleTransactionChains: 2, smallestBatch: 5, growth: 1, liveWeight: 1, largestBatch: 20, deletionBatch: 3,
    processJumps: 15)

  static func planned(_ cluster: SyntheticCluster) -> RuleSet {
    var rules = RuleSet(family: cluster.family)
    for table in Table.allCases {
      for chain in ChainName.builtIn(table) { rules[table, chain] = [] }
    }
    cluster.plan.forEachChain { rules[$0.table, $0.name] = $0.rules.map(\.canonical) }
    for jump in cluster.plan.jumps { rules[jump.table, jump.chain]?.append(jump.rule.canonical) }
    return rules
  }

  static func held(_ kernel: FakeKernel, _ family: IPFamily) -> RuleSet {
    var rules = RuleSet(family: family)
    for table in Table.allCases {
      for chain in kernel.current.rules[family]!.chains(of: table) {
        rules[table, chain.name] = chain.rules.map(\.canonical)
      }
    }
    return rules
  }

  @Test(
    arguments: [StagingPolicy.single, .staged, eager],
    Backend.allCases)
  func `a full sync ends in the plan, whatever the policy`(policy: StagingPolicy, backend: Backend) async throws {
    let kernel = FakeKernel(backend)
    let cluster = SyntheticCluster(.ipv4, services: 12, endpoints: 3)
    let applier = FamilyApplier(family: .ipv4, commands: kernel, policy: policy)
    let report = try await applier.sync(full: cluster.plan)
    #expect(Self.held(kernel, .ipv4) == Self.planned(cluster))
    #expect(report.transactions == kernel.current.commits)
    #expect(report.tables[.nat]?.rulesTotal == 12 * (3 + 6) + 12 + 4)
    #expect(kernel.current.restores == 1)
  }

  @Test
  func `a sync that changes nothing starts no process`() async throws {
    let kernel = FakeKernel()
    let cluster = SyntheticCluster(.ipv6, services: 3, endpoints: 2)
    let applier = FamilyApplier(family: .ipv6, commands: kernel)
    _ = try await applier.sync(full: cluster.plan)
    let again = try await applier.sync(full: cluster.plan)
    let partial = try await applier.sync(partial: RuleChange(chains: cluster.chains(of: 1)))
    #expect(again.isUnchanged && partial.isUnchanged)
    #expect(kernel.current.restores == 1)
    #expect(kernel.current.saves == 1)
  }

  @Test
  func `a partial sync carries the chains that really changed`() async throws {
    let kernel = FakeKernel()
    var cluster = SyntheticCluster(.ipv4, services: 3, endpoints: 2)
    let applier = FamilyApplier(family: .ipv4, commands: kernel)
    _ = try await applier.sync(full: cluster.plan)
    cluster.endpoints[1] = 3
    let report = try await applier.sync(partial: RuleChange(chains: cluster.chains(of: 1)))
    // The Service's own chain, and the new endpoint's.
    #expect(report.tables[.nat]?.chainsWritten == 2)
    #expect(report.transactions == 1)
    #expect(!kernel.current.input.contains("KUBE-SERVICES"))
    #expect(Self.held(kernel, .ipv4) == Self.planned(cluster))
  }

  @Test(arguments: [(0, "-I KUBE-SERVICES -"), (2, "-I KUBE-SERVICES 3 "), (9, "-A KUBE-SERVICES ")])
  func `a Service that is added adds one rule to a dispatch chain`(added: Int, line: String) async throws {
    let kernel = FakeKernel()
    var cluster = SyntheticCluster(.ipv4, services: 4, endpoints: 2)
    cluster.endpoints[added] = nil
    let applier = FamilyApplier(family: .ipv4, commands: kernel)
    _ = try await applier.sync(full: cluster.plan)
    cluster.endpoints[added] = 1
    let report = try await applier.sync(partial: RuleChange(chains: cluster.chains(of: added) + cluster.dispatch))
    #expect(Self.held(kernel, .ipv4) == Self.planned(cluster))
    #expect(kernel.current.input.contains("\n\(line)"))
    #expect(!kernel.current.input.contains(":KUBE-SERVICES"))
    // The Service's own chain has one rule, and its endpoint's has two.
    #expect(report.tables[.nat]?.rulesWritten == 1 + 2 + 1)
    #expect(try await applier.sync(full: cluster.plan).isUnchanged)
  }

  @Test
  func `two Services that are added replace the rules of a dispatch chain`() async throws {
    let kernel = FakeKernel()
    var cluster = SyntheticCluster(.ipv4, services: 3, endpoints: 2)
    let applier = FamilyApplier(family: .ipv4, commands: kernel)
    _ = try await applier.sync(full: cluster.plan)
    for added in [7, 8] { cluster.endpoints[added] = 1 }
    let chains = cluster.chains(of: 7) + cluster.chains(of: 8) + cluster.dispatch
    _ = try await applier.sync(partial: RuleChange(chains: chains))
    #expect(kernel.current.input.contains("\n:KUBE-SERVICES - [0:0]\n"))
    #expect(Self.held(kernel, .ipv4) == Self.planned(cluster))
  }

  @Test(arguments: [StagingPolicy.staged, eager])
  func `a sync deletes stale chains of an earlier run and keeps foreign chains and rules`(policy: StagingPolicy)
    async throws
  {
    let kernel = FakeKernel()
    try kernel.load(
      .ipv4,
      """
      *nat
      :KUBE-SVC-AAAAAAAAAAAAAAAA - [0:0]
      :KUBE-SEP-BBBBBBBBBBBBBBBB - [0:0]
      :KUBE-SEP-CCCCCCCCCCCCCCCC - [0:0]
      :KUBE-EXT-AAAAAAAAAAAAAAAA - [0:0]
      :KUBE-FW-USEDBYOTHERSAAAA - [0:0]
      :KUBE-SVC-SHORT - [0:0]
      :CNI-HOSTPORT-DNAT - [0:0]
      -A KUBE-EXT-AAAAAAAAAAAAAAAA -j KUBE-SVC-AAAAAAAAAAAAAAAA
      -A KUBE-SVC-AAAAAAAAAAAAAAAA -j KUBE-SEP-BBBBBBBBBBBBBBBB
      -A KUBE-SVC-AAAAAAAAAAAAAAAA -j KUBE-SEP-CCCCCCCCCCCCCCCC
      -A KUBE-FW-USEDBYOTHERSAAAA -j KUBE-EXT-AAAAAAAAAAAAAAAA
      -A CNI-HOSTPORT-DNAT -j KUBE-FW-USEDBYOTHERSAAAA
      -A PREROUTING -j CNI-HOSTPORT-DNAT
      COMMIT
      *mangle
      :KUBE-SVC-DDDDDDDDDDDDDDDD - [0:0]
      COMMIT
      """)
    let cluster = SyntheticCluster(.ipv4, services: 3, endpoints: 2)
    let applier = FamilyApplier(family: .ipv4, commands: kernel, policy: policy)
    let report = try await applier.sync(full: cluster.plan)
    var expected = Self.planned(cluster)
    expected[.nat, "CNI-HOSTPORT-DNAT"] = [Rule([], .jump("KUBE-FW-USEDBYOTHERSAAAA"))]
    expected[.nat, "KUBE-SVC-SHORT"] = []
    // It cannot be deleted, because a foreign rule refers to it. It has no rules any more.
    expected[.nat, "KUBE-FW-USEDBYOTHERSAAAA"] = []
    expected[.nat, .prerouting]?.append(Rule([], .jump("CNI-HOSTPORT-DNAT")))
    #expect(Self.held(kernel, .ipv4) == expected)
    #expect(report.drift?.stale == 6)
    #expect(report.tables[.nat]?.chainsRemoved == 4)
  }

  @Test
  func `a sync adds only the missing rule to KUBE-FIREWALL, which the kubelet uses too`() async throws {
    let kernel = FakeKernel()
    try kernel.load(
      .ipv4, "*filter\n:KUBE-FIREWALL - [0:0]\n-A KUBE-FIREWALL -m mark --mark 0x8000/0x8000 -j DROP\nCOMMIT\n")
    let own = Rule([.source(.network(CIDR("127.0.0.0/8")!), negated: true)], .drop)
    let plan = ListedPlan(.ipv4, chains: [Chain(.filter, .kubeFirewall, rules: [own])])
    let applier = FamilyApplier(family: .ipv4, commands: kernel)
    _ = try await applier.sync(full: plan)
    let expected = [Rule([.mark(0x8000, mask: 0x8000)], .drop), own]
    #expect(kernel.current.rules[.ipv4]?[.filter, .kubeFirewall] == expected)
    #expect(try await applier.sync(full: plan).isUnchanged)
    var emptied = ListedPlan(.ipv4)
    emptied.sharedChains = [ChainKey(.filter, .kubeFirewall)]
    #expect(try await applier.sync(full: emptied).isUnchanged)
  }

  @Test
  func `a shared chain for which the proxy has no rule is created once, if it is missing`() async throws {
    let kernel = FakeKernel()
    var plan = ListedPlan(.ipv6)
    plan.sharedChains = [ChainKey(.filter, .kubeFirewall)]
    let applier = FamilyApplier(family: .ipv6, commands: kernel)
    #expect(try await applier.sync(full: plan).tables[.filter]?.chainsWritten == 1)
    #expect(kernel.current.rules[.ipv6]?[.filter, .kubeFirewall] == [])
    #expect(try await applier.sync(full: plan).isUnchanged)
  }

  @Test
  func `while the kernel's state is unknown, a partial sync is refused`() async throws {
    let applier = FamilyApplier(family: .ipv4, commands: FakeKernel())
    let error = await #expect(throws: ApplyError.self) { try await applier.sync(partial: RuleChange()) }
    #expect(error?.attempt == .partialSync)
  }

  @Test
  func `after a foreign change the kernel is read again and what is missing is put back`() async throws {
    let kernel = FakeKernel()
    let cluster = SyntheticCluster(.ipv4, services: 3, endpoints: 2)
    let applier = FamilyApplier(family: .ipv4, commands: kernel)
    _ = try await applier.sync(full: cluster.plan)
    try kernel.load(.ipv4, "*nat\n-F KUBE-SERVICES\n-F PREROUTING\nCOMMIT\n")
    await applier.forgetKernelState()
    let report = try await applier.sync(full: cluster.plan)
    #expect(report.drift?.changed == 1 && report.drift?.jumps == 1 && report.drift?.missing == 0)
    #expect(report.tables[.nat]?.chainsWritten == 1)
    #expect(Self.held(kernel, .ipv4) == Self.planned(cluster))
  }

  @Test
  func `the error shows a rejected line with the lines around it, and the next full sync reads the kernel`()
    async throws
  {
    let kernel = FakeKernel()
    let bad = Chain(.nat, .services, rules: [Rule([], .jump("KUBE-NOWHERE"))])
    let applier = FamilyApplier(family: .ipv4, commands: kernel)
    let error = await #expect(throws: ApplyError.self) {
      try await applier.sync(full: ListedPlan(.ipv4, chains: [bad]))
    }
    #expect(error?.command?.cause == .exited(1))
    let context = error?.context
    #expect(context?.lines.first { $0.number == context?.line }?.text == "-A KUBE-SERVICES -j KUBE-NOWHERE")
    #expect(await !applier.knowsKernelState)
    let cluster = SyntheticCluster(.ipv4, services: 1, endpoints: 1)
    _ = try await applier.sync(full: cluster.plan)
    #expect(Self.held(kernel, .ipv4) == Self.planned(cluster))
  }
}
