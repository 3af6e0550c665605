import ApplierSupport
import Doubles
import Glibc
import IPTables
import ServiceModel
import System
import Testing

@testable import Applier

@Suite("Sysctls from the configuration", .timeLimit(.minutes(5)))
struct KernelSettingsTests {
  @Test(arguments: [
    // maxPerCore, min, cores, before, after
    [32768, 131072, 2, 65536, 131072], [32768, 131072, 8, 65536, 262144], [32768, 131072, 2, 999999, 999999],
    [0, 131072, 8, 65536, 65536],
  ])
  func `nf_conntrack_max follows the cores, with a floor, and is never lowered`(numbers: [Int]) throws {
    var settings = KernelSettings()
    settings.conntrackMaxPerCore = numbers[0]
    settings.conntrackMin = numbers[1]
    let sysctls = MemorySysctls([.conntrackMax: numbers[3], .conntrackHashSize: 16384])
    _ = settings.apply(to: sysctls, cores: numbers[2])
    #expect(try sysctls.read(.conntrackMax) == numbers[4])
  }

  @Test
  func `the hash table grows with nf_conntrack_max`() throws {
    var settings = KernelSettings()
    settings.conntrackMaxPerCore = 131072
    let sysctls = MemorySysctls([.conntrackMax: 65536, .conntrackHashSize: 16384])
    _ = settings.apply(to: sysctls, cores: 2)
    #expect(try sysctls.read(.conntrackHashSize) == 65536)
  }

  @Test
  func `only what is asked for is set; what is so already is not written`() throws {
    var settings = KernelSettings()
    settings.tcpEstablishedTimeout = 86400
    settings.udpTimeout = 0
    settings.routeLocalnet = true
    let sysctls = MemorySysctls([.conntrackTCPEstablished: 432000, .conntrackUDP: 30, .routeLocalnet: 1])
    let report = settings.apply(to: sysctls, cores: 1)
    #expect(report.changes == [.init(name: .conntrackTCPEstablished, old: 432000, new: 86400)])
    #expect(try sysctls.read(.conntrackUDP) == 30)
    #expect(KernelSettings().apply(to: sysctls, cores: 1) == KernelSettingsReport())
  }

  @Test
  func `a read-only one is reported and does not keep the others back`() throws {
    var settings = KernelSettings()
    settings.tcpCloseWaitTimeout = 3600
    settings.udpStreamTimeout = 150
    let sysctls = MemorySysctls([.conntrackTCPCloseWait: 60], readOnly: [.conntrackTCPCloseWait])
    let report = settings.apply(to: sysctls, cores: 1)
    #expect(report.failures.map(\.name) == [.conntrackTCPCloseWait])
    #expect(try sysctls.read(.conntrackUDPStream) == 150)
  }
}

@Suite("Choosing the backend", .timeLimit(.minutes(5)))
struct BackendChoiceTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let reason: String
    var setting = BackendSetting.auto
    var nft = BackendEvidence(isInstalled: true)
    var legacy = BackendEvidence(isInstalled: true)
    let expected: Backend?
    var testDescription: String { reason }
  }

  static let cases = [
    Case(reason: "nothing anywhere: nf_tables", expected: .nft),
    Case(
      reason: "kubelet's hint in legacy outweighs more rules in nf_tables",
      nft: .init(isInstalled: true, ruleCount: 90),
      legacy: .init(isInstalled: true, kubeletChain: .kubeletHint), expected: .legacy),
    Case(
      reason: "kubelet's canary in nf_tables", nft: .init(isInstalled: true, kubeletChain: .kubeletCanary),
      legacy: .init(isInstalled: true, ruleCount: 90), expected: .nft),
    Case(
      reason: "more legacy rules", nft: .init(isInstalled: true, ruleCount: 3),
      legacy: .init(isInstalled: true, ruleCount: 4), expected: .legacy),
    Case(
      reason: "as many: nf_tables", nft: .init(isInstalled: true, ruleCount: 4),
      legacy: .init(isInstalled: true, ruleCount: 4), expected: .nft),
    Case(
      reason: "only the legacy programs are there", nft: .init(isInstalled: false),
      legacy: .init(isInstalled: true), expected: .legacy),
    Case(
      reason: "no programs at all", nft: .init(isInstalled: false), legacy: .init(isInstalled: false), expected: nil),
    Case(
      reason: "the setting outweighs everything", setting: .legacy,
      nft: .init(isInstalled: true, kubeletChain: .kubeletHint), expected: .legacy),
  ]

  @Test(arguments: cases)
  func `kubelet's chains, then the number of rules`(example: Case) {
    let choice = BackendChoice(example.setting, nft: example.nft, legacy: example.legacy)
    #expect(choice?.backend == example.expected)
    #expect(choice?.reason.isEmpty != true)
  }

  /// nf_tables whose only chains are in mangle.
  private struct Mangle: NFTables {
    let chains: [IPFamily: [String]]

    func tables(_ family: IPFamily) async throws(SystemError) -> Set<String> { ["mangle"] }
    func chains(_ family: IPFamily, table: String) async throws(SystemError) -> [String] {
      table == "mangle" ? chains[family] ?? [] : []
    }
    func rules(_ family: IPFamily, table: String, chain: String) async throws(SystemError) -> [Rule] { [] }
    func deleteTable(_ family: IPFamily, _ name: String) async throws(SystemError) {}
  }

  @Test
  func `rules of nf_tables are listed only if their number may decide`() async throws {
    let kernel = FakeKernel()
    try kernel.load(.ipv6, "*mangle\n-A PREROUTING -j ACCEPT\nCOMMIT\n")
    let kubelets = Mangle(chains: [.ipv6: ["PREROUTING", "KUBE-KUBELET-CANARY"]])
    let others = Mangle(chains: [.ipv4: ["PREROUTING"]])

    let decided = await BackendEvidence.nft(kernel, isInstalled: true, countsRules: true, kernel: kubelets)
    #expect(decided == BackendEvidence(isInstalled: true, kubeletChain: .kubeletCanary))
    let unopposed = await BackendEvidence.nft(kernel, isInstalled: true, countsRules: false, kernel: others)
    #expect(unopposed == BackendEvidence(isInstalled: true))
    #expect(kernel.current.saves == 0)

    let counted = await BackendEvidence.nft(kernel, isInstalled: true, countsRules: true, kernel: others)
    #expect(counted == BackendEvidence(isInstalled: true, ruleCount: 1))
    #expect(kernel.current.saves == IPFamily.allCases.count)
  }

  @Test
  func `evidence of the legacy backend is gathered from its tables, and each table is read once`() async throws {
    let reads = SharedValue<[Table]>([])
    struct Tables: LegacyTables {
      let reads: SharedValue<[Table]>

      func read(_ family: IPFamily, _ table: Table) throws(LegacyTableError) -> LegacyTable? {
        reads.withLock { $0.append(table) }
        guard family == .ipv4, table == .mangle else { return nil }
        return LegacyTable(chains: [
          .init(name: "PREROUTING", counters: [Counters(), Counters()]),
          .init(name: "KUBE-IPTABLES-HINT", counters: []),
        ])
      }
    }
    let tables = RememberedLegacyTables(Tables(reads: reads))
    for _ in 1...2 {
      let legacy = BackendEvidence.legacy(tables, isInstalled: true)
      #expect(legacy == BackendEvidence(isInstalled: true, kubeletChain: .kubeletHint, ruleCount: 2))
    }
    #expect(reads.value.count == Table.allCases.count * IPFamily.allCases.count)
  }
}

@Suite("Reading what programs print", .timeLimit(.minutes(5)))
struct CommandTextTests {
  @Test(
    arguments: [
      ("iptables-restore v1.8.9 (nf_tables): \nline 4: CHAIN_ADD failed (Invalid argument): chain X", 4),
      ("iptables-restore: line 12 failed", 12),
      ("iptables-restore v1.8.9 (legacy): Couldn't load target `X'\n\nError occurred at line: 3\n", 3),
      ("Another app is currently holding the xtables lock", nil),
    ] as [(String, Int?)])
  func `the failing line, as the versions and backends name it`(text: String, line: Int?) {
    #expect(CommandError(command: "x", cause: .exited(1), standardError: text).failingLine == line)
  }

  @Test(
    arguments: [
      ("iptables v1.8.9 (nf_tables)", IPTablesVersion(1, 8, 9), true),
      ("iptables v1.6.1", IPTablesVersion(1, 6, 1), false),
      ("ip6tables v1.6.2", IPTablesVersion(1, 6, 2), true), ("no such thing", nil, false),
    ] as [(String, IPTablesVersion?, Bool)])
  func `versions`(text: String, version: IPTablesVersion?, randomFully: Bool) {
    let parsed = IPTablesVersion(output: text)
    #expect(parsed == version)
    #expect((parsed?.hasRandomFully ?? false) == randomFully)
    #expect(parsed?.backend == (text.contains("nf_tables") ? .nft : nil))
  }
}

@Suite("Programs by their names", .timeLimit(.minutes(5)))
struct IPTablesProgramsTests {
  @Test
  func `the name that says the backend goes before the plain one, which is taken where it is all there is`() throws {
    let directory = "/tmp/kpa-programs-\(getpid())"
    mkdir(directory, 0o700)
    defer {
      for name in ["iptables-restore", "iptables-nft-restore"] { unlink("\(directory)/\(name)") }
      rmdir(directory)
    }
    let programs = IPTablesPrograms(.nft, directories: [directory])
    #expect(programs.commandLine(.ipv4, .restore, []) == nil)
    close(open("\(directory)/iptables-restore", O_CREAT | O_WRONLY, 0o700))
    #expect(programs.commandLine(.ipv4, .restore, ["-n"]) == ["\(directory)/iptables-restore", "-n"])
    #expect(!programs.areInstalled)
    close(open("\(directory)/iptables-nft-restore", O_CREAT | O_WRONLY, 0o700))
    #expect(programs.commandLine(.ipv4, .restore, []) == ["\(directory)/iptables-nft-restore"])
    #expect(programs.areInstalled)
  }
}

@Suite("What the host can do", .timeLimit(.minutes(5)))
struct HostFactsTests {
  private func facts(_ kernel: FakeKernel) async -> HostFacts {
    await HostFacts.read(
      commands: kernel, sysctls: MemorySysctls(), accounting: MemoryAccounting(), accountingNames: [])
  }

  @Test
  func `the bpf match is asked for once in each family, and nothing is read or written for it`() async {
    let kernel = FakeKernel()
    kernel.change { $0.withoutBPF = [.ipv6] }
    let facts = await facts(kernel)
    #expect(facts.bpfFamilies == [.ipv4])
    #expect(facts.families.keys.contains(.ipv4))
    #expect(kernel.current.saves == 0 && kernel.current.restores == 0)
    #expect(facts.missing[.ipv4] == nil)
  }
}
