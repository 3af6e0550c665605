import ApplierSupport
import Doubles
import Glibc
import IPTables
import Lab
import ServiceModel
import System
import Testing

@testable import Applier

@Suite(
  "Edges on a real kernel", .enabled(if: ScratchNamespace.isPossible, "network namespaces need root"),
  .timeLimit(.minutes(10)))
struct KernelEdgeTests {
  @Test(arguments: IPFamily.allCases)
  func `reading legacy tables creates no table and finds all chains`(family: IPFamily) async throws {
    try await ScratchNamespace.with { scratch in
      let names = "/proc/thread-self/net/\(family == .ipv4 ? "ip_tables_names" : "ip6_tables_names")"
      let absent = try await scratch.namespace.run { try KernelLegacyTables().read(family, .nat) }
      #expect(absent == nil)
      #expect(try await scratch.namespace.run { try TextFile.read(names) } == "")
      try await scratch.restore(
        .legacy, family, "*mangle\n:KUBE-IPTABLES-HINT - [0:0]\n[3:180] -A PREROUTING -p tcp -j ACCEPT\nCOMMIT\n")
      let table = try #require(try await scratch.namespace.run { try KernelLegacyTables().read(family, .mangle) })
      #expect(table.contains(.kubeletHint))
      #expect(table.ruleCount == 1)
      #expect(table.chains.first { $0.name == "PREROUTING" }?.counters == [Counters(packets: 3, bytes: 180)])
      #expect(try await scratch.namespace.run { try TextFile.read(names) } == "mangle\n")
    }
  }

  @Test
  func `a namespace that cannot be entered is an error, not a missing table`() async throws {
    let tables = NamespaceLegacyTables(namespace: NetworkNamespace("kpa-missing"))
    #expect(throws: LegacyTableError.self) { try tables.read(.ipv4, .nat) }
  }

  @Test
  func `an error in a namespace is thrown even if the namespace cannot be removed`() async throws {
    struct Failure: Error {}
    await #expect(throws: Failure.self) {
      try await ScratchNamespace.with { scratch in
        try await Command(["ip", "netns", "del", scratch.namespace.name]).run()
        throw Failure()
      }
    }
  }

  @Test(arguments: Backend.allCases)
  func `the backend is the one that the host uses`(backend: Backend) async throws {
    try await ScratchNamespace.with { scratch in
      try await scratch.restore(backend, .ipv4, "*mangle\n:KUBE-IPTABLES-HINT - [0:0]\nCOMMIT\n")
      let tables = NamespaceLegacyTables(namespace: scratch.namespace)
      let choice = await Backend.detect(
        .auto, tables: tables, kernel: NamespaceNFTables(namespace: scratch.namespace),
        launcher: ["nsenter", "--net=\(NetworkNamespace.directory)/\(scratch.namespace.name)"])
      #expect(choice?.backend == backend)
      #expect(choice?.reason.contains("KUBE-IPTABLES-HINT") == true)
    }
  }

  @Test(arguments: Kernel.all)
  func `--cleanup removes all rules of the proxy and keeps those of other programs`(kernel: Kernel) async throws {
    try await ScratchNamespace.with { scratch in
      let foreign = """
        *filter
        :CNI-FORWARD - [0:0]
        -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
        -A FORWARD -j CNI-FORWARD
        -A CNI-FORWARD -m mark --mark 0x9 -j ACCEPT
        COMMIT
        *nat
        :CNI-HOSTPORT-DNAT - [0:0]
        -A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT
        COMMIT
        *mangle
        :KUBE-KUBELET-CANARY - [0:0]
        COMMIT

        """
      try await scratch.restore(kernel.backend, kernel.family, foreign)
      func everything() async throws -> [String] {
        var saves: [String] = []
        for table in Table.allCases { saves.append(try await scratch.save(kernel.backend, kernel.family, table)) }
        return saves
      }
      let before = try await everything()
      _ = try await kernel.applier(scratch).sync(
        full: SyntheticCluster(kernel.family, services: 200, endpoints: 4).plan)
      #expect(try await everything() != before)
      let tables = NamespaceLegacyTables(namespace: scratch.namespace)
      let reports = await Cleanup([scratch.commands(kernel.backend)], legacyTables: tables).run()
      #expect(try await everything() == before)
      let report = try #require(reports.first { $0.family == kernel.family })
      #expect(report.failure == nil)
      #expect(report.chainsRemoved == 200 * 5 + 8)
      #expect(report.jumpsRemoved == SyntheticCluster.jumps.count)
    }
  }

  /// iptables compares a rule for `-D` with its match modules in their order.
  @Test(arguments: Kernel.all)
  func `--cleanup deletes another program's jump, whatever its conditions`(kernel: Kernel) async throws {
    try await ScratchNamespace.with { scratch in
      let comment = "-m comment --comment a"
      let jumps = [
        "-p tcp \(comment) -m tcp --tcp-flags SYN,ACK SYN", "-p tcp \(comment) -m tcp --dport 80 \(comment)",
        "! -p udp \(comment) -m mark ! --mark 0x1/0x1", "-p sctp -m multiport --dports 80,81 -m sctp --dport 80:81",
        "-p tcp -m tcp --sport 5 \(comment) -m tcp --syn", "-p udp -i a -m udp ! --dport 53 -m limit --limit 5/min",
        "-p tcp -m recent --name x --set \(comment)",
      ]
      let chains = "*nat\n:KUBE-SERVICES - [0:0]\n:PREROUTING ACCEPT [0:0]\n"
      let text = chains + jumps.map { "-A PREROUTING \($0) -j KUBE-SERVICES\n" }.joined() + "COMMIT\n"
      try await scratch.restore(kernel.backend, kernel.family, text)
      let tables = NamespaceLegacyTables(namespace: scratch.namespace)
      let reports = await Cleanup([scratch.commands(kernel.backend)], legacyTables: tables).run()
      let report = try #require(reports.first { $0.family == kernel.family })
      #expect(report.failure == nil)
      #expect(report.jumpsRemoved == jumps.count)
      let left = try await scratch.rules(kernel.backend, kernel.family, .nat)
      #expect(left.chains(of: .nat).allSatisfy { ChainName.builtIn(.nat).contains($0.name) && $0.rules.isEmpty })
    }
  }

  /// The jump's comment is not UTF-8, so this program writes another one.
  @Test(arguments: Kernel.all)
  func `--cleanup empties and names the chain of a jump that iptables cannot delete`(kernel: Kernel) async throws {
    try await ScratchNamespace.with { scratch in
      try await scratch.restore(
        kernel.backend, kernel.family,
        """
        *nat
        :KUBE-SERVICES - [0:0]
        :KUBE-NODEPORTS - [0:0]
        -A PREROUTING -j KUBE-SERVICES
        -A KUBE-SERVICES -j KUBE-NODEPORTS
        -A KUBE-NODEPORTS -j ACCEPT
        COMMIT

        """)
      let program = "\(kernel.family == .ipv4 ? "iptables" : "ip6tables")-\(kernel.backend.rawValue)-restore"
      let line = #"-A PREROUTING -m comment --comment bad\377 -j KUBE-NODEPORTS"#
      try await Command(["sh", "-c", "printf '*nat\n\(line)\nCOMMIT\n' | \(program) --noflush"]).run(
        in: scratch.namespace)
      let tables = NamespaceLegacyTables(namespace: scratch.namespace)
      let reports = await Cleanup([scratch.commands(kernel.backend)], legacyTables: tables).run()
      let report = try #require(reports.first { $0.family == kernel.family })
      #expect(report.failure == nil)
      #expect(report.chainsKept == [ChainKey(.nat, .nodePorts)])
      #expect(report.jumpsRemoved == 1)
      let left = try await scratch.rules(kernel.backend, kernel.family, .nat)
      #expect(left[.nat, .services] == nil)
      #expect(left[.nat, .nodePorts] == [])
      #expect(left[.nat, .prerouting]?.count == 1)
    }
  }

  /// iptables-nft-save does not print what a verdict map refers to.
  @Test
  func `--cleanup empties a chain that a verdict map refers to, and removes all others`() async throws {
    try await ScratchNamespace.with { scratch in
      let kernel = NamespaceNFTables(namespace: scratch.namespace)
      let cluster = SyntheticCluster(.ipv4, services: 3, endpoints: 2)
      let applier = FamilyApplier(family: .ipv4, commands: scratch.commands(.nft), kernel: kernel)
      _ = try await applier.sync(full: cluster.plan)
      let map = "add rule ip nat PREROUTING tcp dport vmap { 81 : jump KUBE-SERVICES }"
      try await Command(["nft", map]).run(in: scratch.namespace)
      let tables = NamespaceLegacyTables(namespace: scratch.namespace)
      let reports = await Cleanup([scratch.commands(.nft)], legacyTables: tables, kernel: kernel).run()
      let report = try #require(reports.first { $0.family == .ipv4 })
      #expect(report.failure == nil)
      #expect(report.chainsKept == [ChainKey(.nat, .services)])
      for table in Table.allCases {
        let left = try await scratch.rules(.nft, .ipv4, table).chains(of: table)
          .filter { !ChainName.builtIn(table).contains($0.name) }
        #expect(left == (table == .nat ? [Chain(.nat, .services)] : []))
      }
    }
  }

  @Test
  func `a sync empties a stale chain that a verdict map refers to`() async throws {
    try await ScratchNamespace.with { scratch in
      let kernel = NamespaceNFTables(namespace: scratch.namespace)
      let stale: ChainName = "KUBE-SVC-AAAAAAAAAAAAAAAA"
      try await scratch.restore(
        .nft, .ipv4,
        """
        *nat
        :\(stale) - [0:0]
        :KUBE-SEP-AAAAAAAAAAAAAAAA - [0:0]
        -A \(stale) -j RETURN
        -A PREROUTING -p udp -j RETURN
        COMMIT

        """
      )
      let map = "add rule ip nat PREROUTING tcp dport vmap { 81 : jump \(stale) }"
      try await Command(["nft", map]).run(in: scratch.namespace)
      let cluster = SyntheticCluster(.ipv4, services: 3, endpoints: 2)
      let applier = FamilyApplier(family: .ipv4, commands: scratch.commands(.nft), kernel: kernel)
      _ = try await applier.sync(full: cluster.plan)
      let rules = try await scratch.rules(.nft, .ipv4, .nat)
      #expect(rules[.nat, stale] == [])
      #expect(rules[.nat, "KUBE-SEP-AAAAAAAAAAAAAAAA"] == nil)
      #expect(rules[.nat, .services]?.isEmpty == false)
      #expect(try await applier.sync(full: cluster.plan).isUnchanged)
    }
  }

  @Test
  func `nfacct counters are made once and read back`() async throws {
    try await ScratchNamespace.with { scratch in
      let name = "localhost_nps_accepted_pkts"
      let counters = try await scratch.namespace.run {
        let accounting = KernelAccounting()
        let before = try accounting.read(name)
        try accounting.ensure(name)
        try accounting.ensure(name)
        return [before, try accounting.read(name)]
      }
      #expect(counters == [nil, Counters()])
      try await scratch.restore(
        .nft, .ipv4, "*filter\n[0:0] -A OUTPUT -o lo -m nfacct --nfacct-name \(name) -j ACCEPT\nCOMMIT\n")
      try await Command(["bash", "-c", "echo x > /dev/udp/127.0.0.1/9"]).run(in: scratch.namespace)
      let after = try await scratch.namespace.run { try KernelAccounting().read(name) }
      #expect((after?.packets ?? 0) >= 1)
    }
  }

  @Test
  func `sysctls and interface addresses are those of the namespace`() async throws {
    try await ScratchNamespace.with { scratch in
      var settings = KernelSettings()
      settings.routeLocalnet = true
      let wanted = settings
      try await scratch.namespace.setSysctls(["ipv4/conf/all/route_localnet": "0"])
      let report = try await scratch.namespace.run { wanted.apply(to: KernelSysctls(), cores: 2) }
      #expect(report.changes == [.init(name: .routeLocalnet, old: 0, new: 1)])
      #expect(try await scratch.namespace.sysctl("ipv4/conf/all/route_localnet") == "1")
      try await Command(["ip", "addr", "add", "192.0.2.7/25", "dev", "lo"]).run(in: scratch.namespace)
      let addresses = try await scratch.namespace.run { InterfaceAddress.all() }
      let added = InterfaceAddress(interface: "lo", address: IPAddress("192.0.2.7")!, prefixLength: 25)
      #expect(addresses.contains(added))
      #expect(addresses.contains { $0.address == IPAddress("::1") && $0.prefixLength == 128 })
      let missing = try await scratch.namespace.run { try KernelSysctls().read(SysctlName("net/no_such_thing")) }
      #expect(missing == nil)
    }
  }

  @Test
  func `where IPv6 is disabled on all interfaces the family is left out, as kube-proxy does`() async throws {
    try await ScratchNamespace.with { scratch in
      let facts = try await HostFacts.read(
        commands: scratch.commands(.nft), sysctls: MemorySysctls([.disableIPv6: 1]),
        accounting: MemoryAccounting(isSupported: false), accountingNames: [])
      #expect(Set(facts.families.keys) == [.ipv4])
      #expect(facts.missing[.ipv6]?.contains("disable_ipv6") == true)
    }
  }

  @Test
  func `both families are found, with the programs' version`() async throws {
    try await ScratchNamespace.with { scratch in
      let facts = try await HostFacts.read(
        commands: scratch.commands(.nft), sysctls: MemorySysctls([.conntrackTCPBeLiberal: 1]),
        accounting: MemoryAccounting(isSupported: false), accountingNames: ["x"])
      #expect(Set(facts.families.keys) == Set(IPFamily.allCases))
      #expect(facts.randomFully(.ipv4))
      #expect(facts.conntrackTCPLiberal && !facts.hasAccounting)
    }
  }
}

/// The legacy tables of another namespace.
struct NamespaceLegacyTables: LegacyTables {
  let namespace: NetworkNamespace

  func read(_ family: IPFamily, _ table: Table) throws(LegacyTableError) -> LegacyTable? {
    do {
      return try namespace.runAndBlock { try KernelLegacyTables().read(family, table) }
    } catch {
      // Not a LegacyTableError if the thread could not enter the namespace.
      throw error as? LegacyTableError
        ?? LegacyTableError(family: family, table: table, code: EIO, message: "\(error)")
    }
  }
}

/// nf_tables of another namespace.
struct NamespaceNFTables: NFTables {
  let namespace: NetworkNamespace

  func tables(_ family: IPFamily) async throws(SystemError) -> Set<String> {
    try await inside { () throws(SystemError) in try KernelNFTables.readTables(family) }
  }

  func chains(_ family: IPFamily, table: String) async throws(SystemError) -> [String] {
    try await inside { () throws(SystemError) in try KernelNFTables.readChains(family, table) }
  }

  func rules(_ family: IPFamily, table: String, chain: String) async throws(SystemError) -> [Rule] {
    try await inside { () throws(SystemError) in try KernelNFTables.readRules(family, table, chain) }
  }

  func deleteTable(_ family: IPFamily, _ name: String) async throws(SystemError) {
    try await inside { () throws(SystemError) in try KernelNFTables.remove(family, name) }
  }

  private func inside<Value: Sendable>(
    _ body: @escaping @Sendable () throws(SystemError) -> Value
  ) async throws(SystemError) -> Value {
    do {
      return try await namespace.run(body)
    } catch {
      throw error as? SystemError ?? SystemError(action: "enter a network namespace", code: EIO)
    }
  }
}
