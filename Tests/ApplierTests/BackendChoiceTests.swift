import ApplierSupport
import Glibc
import IPTables
import ServiceModel
import System
import Testing

@testable import Applier

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

  /// nf_tables that cannot be read at the first `failures` attempts.
  private final class Unreadable: NFTables {
    private let attempts = SharedValue(0)
    let failures: Int

    init(failures: Int) { self.failures = failures }

    func tables(_ family: IPFamily) async throws(SystemError) -> Set<String> { ["mangle"] }
    func chains(_ family: IPFamily, table: String) async throws(SystemError) -> [String] {
      let attempt = attempts.withLock { attempts in
        attempts += 1
        return attempts
      }
      if attempt <= failures { throw SystemError(action: "list nf_tables", code: EMFILE) }
      return ["KUBE-KUBELET-CANARY"]
    }
    func rules(_ family: IPFamily, table: String, chain: String) async throws(SystemError) -> [Rule] { [] }
    func deleteTable(_ family: IPFamily, _ name: String) async throws(SystemError) {}
  }

  @Test
  func `nf_tables that cannot be read are read once more, and then named in the reason`() async throws {
    let legacy = BackendEvidence(isInstalled: true, ruleCount: 1)
    func choice(failures: Int) async -> BackendChoice? {
      let kernel = Unreadable(failures: failures)
      let nft = await BackendEvidence.nft(FakeKernel(), isInstalled: true, countsRules: true, kernel: kernel)
      return BackendChoice(.auto, nft: nft, legacy: legacy)
    }
    #expect(await choice(failures: 1) == BackendChoice(.nft, reason: "kubelet's KUBE-KUBELET-CANARY is in nf_tables"))
    let failed = "list nf_tables: Too many open files"
    #expect(
      await choice(failures: 4)
        == BackendChoice(
          .legacy,
          reason: """
            1 legacy rules, 0 in nf_tables; could not be read: nf_tables IPv4 mangle: \(failed); nf_tables IPv6 mangle: \
            \(failed)
            """))
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
