import ApplierSupport
import Glibc
import IPTables
import Lab
import ServiceModel
import System
import Testing

@testable import Applier

extension Kernel {
  func applier(_ scratch: ScratchNamespace, policy: StagingPolicy? = nil) -> FamilyApplier {
    FamilyApplier(family: family, commands: scratch.commands(backend), policy: policy)
  }

  /// The rules of our chains and of the built-in chains in the kernel's tables, in canonical form.
  func held(_ scratch: ScratchNamespace) async throws -> RuleSet {
    var rules = RuleSet(family: family)
    for table in [Table.nat, .filter] {
      for chain in try await scratch.rules(backend, family, table).chains(of: table) where !chain.rules.isEmpty {
        rules[table, chain.name] = chain.rules.map(\.canonical)
      }
    }
    return rules
  }

  /// The rules after a sync to the cluster if no other program has rules.
  func planned(_ cluster: SyntheticCluster) -> RuleSet {
    var rules = RuleSet(family: family)
    for (table, chains) in RuleSet(cluster.plan).tables {
      for (name, own) in chains where !own.isEmpty { rules[table, name] = own.map(\.canonical) }
    }
    return rules
  }
}

@Suite(
  "Syncs on a real kernel", .enabled(if: ScratchNamespace.isPossible, "network namespaces need root"),
  .timeLimit(.minutes(10)))
struct KernelSyncTests {
  /// Many transactions even for few chains.
  static let eager = StagingPolicy(
    singleTransactionChains: 10, smallestBatch: 30, growth: 1, liveWeight: 1, largestBatch: 60, deletionBatch: 20,
    processJumps: 30)

  @Test(arguments: Kernel.all)
  func `a full sync writes the plan; the next, and a restarted one, start no process`(kernel: Kernel) async throws {
    try await ScratchNamespace.with { scratch in
      var cluster = SyntheticCluster(kernel.family, services: 5, endpoints: 3)
      cluster.rejected = [2, 4]
      let applier = kernel.applier(scratch)
      let first = try await applier.sync(full: cluster.plan)
      #expect(first.tables[.nat]?.chainsWritten == 5 * 4 + 4)
      #expect(try await kernel.held(scratch) == kernel.planned(cluster))
      #expect(try await applier.sync(full: cluster.plan).isUnchanged)

      let third = try await kernel.applier(scratch).sync(full: cluster.plan)
      #expect(third.drift == KernelDrift())
      #expect(third.isUnchanged)
    }
  }

  @Test(arguments: Kernel.all)
  func `staged or not, growing and shrinking, the kernel ends in the plan`(kernel: Kernel) async throws {
    try await ScratchNamespace.with { scratch in
      var cluster = SyntheticCluster(kernel.family, services: 40, endpoints: 3)
      let applier = kernel.applier(scratch, policy: kernel.backend == .nft ? Self.eager : nil)
      let first = try await applier.sync(full: cluster.plan)
      #expect(first.transactions > 10 || kernel.backend == .legacy)
      #expect(try await kernel.held(scratch) == kernel.planned(cluster))
      cluster.generation = 1
      for service in 5..<40 { cluster.endpoints[service] = service.isMultiple(of: 2) ? 5 : nil }
      _ = try await applier.sync(full: cluster.plan)
      #expect(try await kernel.held(scratch) == kernel.planned(cluster))
      cluster.endpoints = [:]
      _ = try await applier.sync(full: cluster.plan)
      #expect(try await kernel.held(scratch) == kernel.planned(cluster))
      let save = try await scratch.save(kernel.backend, kernel.family, .nat)
      #expect(!save.contains("KUBE-SVC-") && !save.contains("KUBE-SEP-"))
    }
  }

  @Test(arguments: Kernel.all)
  func `foreign rules stay, and so do the counters of chains that did not change`(kernel: Kernel) async throws {
    try await ScratchNamespace.with { scratch in
      var cluster = SyntheticCluster(kernel.family, services: 3, endpoints: 2)
      _ = try await kernel.applier(scratch).sync(full: cluster.plan)
      // The same rules with counters, as if packets had matched them, and a rule of another program.
      let own = try await scratch.save(kernel.backend, kernel.family, .nat)
        .split(separator: "\n").filter { $0.hasPrefix("-A KUBE-S") }.map { "[7:420] \($0)\n" }.joined()
      let chains = SyntheticChains(cluster).keys.filter { $0.table == .nat && $0.name.description.hasPrefix("KUBE-S") }
      let declarations = chains.map { ":\($0.name) - [0:0]\n" }.joined()
      try await scratch.restore(
        kernel.backend, kernel.family,
        "*nat\n\(declarations):CNI-X - [0:0]\n\(own)[9:9] -A CNI-X -p udp -j RETURN\n-I PREROUTING -j CNI-X\nCOMMIT\n")

      let witness = cluster.chainName(.cluster, 2, 0)
      let before = try await handles(of: witness, kernel, scratch)
      cluster.endpoints[1] = 3
      let report = try await kernel.applier(scratch).sync(full: cluster.plan)
      #expect(report.tables[.nat]?.chainsWritten == 2)
      #expect(try await handles(of: witness, kernel, scratch) == before)
      #expect(report.drift?.jumps == 0)
      let save = try await scratch.save(kernel.backend, kernel.family, .nat, counters: true)
      #expect(save.contains("-A PREROUTING -j CNI-X"))
      #expect(save.contains("-A CNI-X -p udp -j RETURN"))
      // ip6tables-nft-restore 1.8.9 ignores counters, so the handles of the rules are compared there.
      if kernel.backend == .nft && kernel.family == .ipv6 { return }
      #expect(save.contains("[9:9] -A CNI-X"))
      let counted = save.split(separator: "\n").filter { $0.hasPrefix("[7:420] -A KUBE-S") }
      // 3 rules of dispatch, 2 each in two Services' own chains and in all six endpoints'; not Service 1's own chain.
      #expect(counted.count == 19)
    }
  }

  @Test(arguments: Kernel.all)
  func `a Service that is added leaves the other rules of a dispatch chain as they are`(kernel: Kernel) async throws {
    try await ScratchNamespace.with { scratch in
      var cluster = SyntheticCluster(kernel.family, services: 6, endpoints: 2)
      for service in [0, 3] { cluster.endpoints[service] = nil }
      let applier = kernel.applier(scratch)
      _ = try await applier.sync(full: cluster.plan)
      // Add rules before all others, between them and after them.
      for service in [0, 3, 9] {
        let before = try await handles(of: .services, kernel, scratch).split(separator: "\n")
        cluster.endpoints[service] = 1
        _ = try await applier.sync(partial: RuleChange(chains: cluster.chains(of: service) + cluster.dispatch))
        #expect(try await kernel.held(scratch) == kernel.planned(cluster))
        let after = try await handles(of: .services, kernel, scratch).split(separator: "\n")
        #expect(Set(before).isSubset(of: Set(after)))
      }
    }
  }

  /// The rules of a chain with their handles, which a rewritten rule does not keep; nothing on legacy.
  private func handles(of chain: ChainName, _ kernel: Kernel, _ scratch: ScratchNamespace) async throws -> String {
    guard kernel.backend == .nft else { return "" }
    let family = kernel.family == .ipv4 ? "ip" : "ip6"
    let list = Command(["nft", "-a", "list", "chain", family, "nat", chain.description])
    return try await list.run(in: scratch.namespace)
  }

  @Test(arguments: Kernel.all)
  func `jumps that are lost, doubled or out of order are repaired, and foreign rules stay`(kernel: Kernel) async throws
  {
    try await ScratchNamespace.with { scratch in
      let cluster = SyntheticCluster(kernel.family, services: 2, endpoints: 1)
      let applier = kernel.applier(scratch)
      _ = try await applier.sync(full: cluster.plan)
      try await scratch.restore(
        kernel.backend, kernel.family,
        """
        *filter
        -F FORWARD
        -A FORWARD -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
        -A FORWARD -p tcp -j ACCEPT
        -A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
        -A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
        -F OUTPUT
        COMMIT

        """)
      await applier.forgetKernelState()
      let report = try await applier.sync(full: cluster.plan)
      #expect(report.jumpsInserted == 2)
      #expect(report.tables[.filter]?.chainsWritten == 0)
      let forward = try await scratch.save(kernel.backend, kernel.family, .filter)
        .split(separator: "\n").filter { $0.hasPrefix("-A FORWARD") }
      #expect(
        forward == [
          "-A FORWARD -m comment --comment \"kubernetes forwarding rules\" -j KUBE-FORWARD",
          "-A FORWARD -m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES",
          "-A FORWARD -p tcp -j ACCEPT",
        ])
      #expect(try await applier.sync(full: cluster.plan).isUnchanged)
    }
  }

  @Test(arguments: Kernel.all)
  func `a restore killed half-way leaves the old rules working; the next sync ends in the plan`(kernel: Kernel)
    async throws
  {
    try await ScratchNamespace.with { scratch in
      let before = SyntheticCluster(kernel.family, services: 6, endpoints: 2)
      var after = SyntheticCluster(kernel.family, services: 200, endpoints: 10)
      after.generation = 1
      let commands = KillableCommands(scratch.commands(kernel.backend))
      let policy = kernel.backend == .nft ? Self.eager : nil
      let applier = FamilyApplier(family: kernel.family, commands: commands, policy: policy)
      _ = try await applier.sync(full: before.plan)
      commands.killRestore(afterPieces: 5)
      let error = await #expect(throws: ApplyError.self) { try await applier.sync(full: after.plan) }
      #expect(error?.command?.cause == .signalled(SIGKILL))
      // The dispatch chain still is the old one.
      let services = try await scratch.rules(kernel.backend, kernel.family, .nat)[.nat, .services]
      #expect(services?.count == 6)
      _ = try await applier.sync(full: after.plan)
      #expect(try await kernel.held(scratch) == kernel.planned(after))
    }
  }

  @Test(arguments: Kernel.all)
  func `a cancelled sync ends, and the next one writes the plan`(kernel: Kernel) async throws {
    try await ScratchNamespace.with { scratch in
      let cluster = SyntheticCluster(kernel.family, services: 200, endpoints: 10)
      let commands = KillableCommands(scratch.commands(kernel.backend))
      let policy = kernel.backend == .nft ? Self.eager : nil
      let applier = FamilyApplier(family: kernel.family, commands: commands, policy: policy)
      let running = BlockingWatched<Task<ApplyReport, any Error>?>(nil)
      commands.interruptRestore(afterPieces: 5) { running.wait { $0 }.cancel() }
      let sync = Task { try await applier.sync(full: cluster.plan) }
      running.withLock { $0 = sync }
      let result = await sync.result
      #expect(!commands.isArmed, "the restore was running")
      #expect(throws: ApplyError.self) { try result.get() }
      _ = try await applier.sync(full: cluster.plan)
      #expect(try await kernel.held(scratch) == kernel.planned(cluster))
    }
  }

  @Test(arguments: Kernel.all)
  func `a line that the kernel refuses comes back with its text`(kernel: Kernel) async throws {
    try await ScratchNamespace.with { scratch in
      // Not `.jump`: a jump to a chain that is not planned is found before iptables-restore gets it.
      let nowhere = Rule([], .other(["KUBE-NOWHERE"]))
      let bad = Chain(.nat, .services, rules: [Rule([], .return), nowhere, Rule([], .accept)])
      let plan = ListedPlan(kernel.family, chains: [bad])
      let error = await #expect(throws: ApplyError.self) { try await kernel.applier(scratch).sync(full: plan) }
      let context = try #require(error?.context)
      #expect(context.lines.contains { $0.text == "-A KUBE-SERVICES -j KUBE-NOWHERE" })
      #expect(error?.command?.standardError.isEmpty == false)
    }
  }

  @Test(arguments: Kernel.all.filter { $0.backend == .nft })
  func `a refused line is found in the input of whichever process was given it`(kernel: Kernel) async throws {
    try await ScratchNamespace.with { scratch in
      var plan = ListedPlan(kernel.family, jumps: SyntheticCluster.jumps)
      SyntheticCluster(kernel.family, services: 40, endpoints: 3).plan.forEachChain { plan.chains.append($0) }
      plan.chains.removeAll { $0.table == .nat && $0.name == .services }
      plan.chains.append(Chain(.nat, .services, rules: [Rule([], .return), Rule([], .jump("KUBE-NOWHERE"))]))
      let applier = kernel.applier(scratch, policy: Self.eager)
      let error = await #expect(throws: ApplyError.self) { try await applier.sync(full: plan) }
      #expect((error?.command?.inputPart ?? 0) > 2)
      let context = try #require(error?.context)
      // iptables-nft looks for the chains when it comes to the end.
      #expect(error?.command?.standardError.contains("KUBE-NOWHERE") == true)
      #expect(context.lines.first { $0.number == context.line }?.text == "COMMIT")
    }
  }
}
