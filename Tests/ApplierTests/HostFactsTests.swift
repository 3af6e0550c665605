import ApplierSupport
import Doubles
import Glibc
import ServiceModel
import Testing

@testable import Applier

@Suite("What the host can do", .timeLimit(.minutes(5)))
struct HostFactsTests {
  private func facts(_ kernel: FakeKernel) async throws -> HostFacts {
    try await HostFacts.read(
      commands: kernel, sysctls: MemorySysctls(), accounting: MemoryAccounting(), accountingNames: [])
  }

  @Test
  func `the bpf match is asked for once in each family, and nothing is read or written for it`() async throws {
    let kernel = FakeKernel()
    kernel.change { $0.withoutBPF = [.ipv6] }
    let facts = try await facts(kernel)
    #expect(facts.bpfFamilies == [.ipv4])
    #expect(facts.families.keys.contains(.ipv4))
    #expect(kernel.current.saves == 0 && kernel.current.restores == 0)
    #expect(facts.missing[.ipv4] == nil)
  }

  @Test(
    arguments: IPFamily.allCases,
    [CommandError.Cause.notStarted("no memory"), .signalled(SIGKILL), .unknownEnd("no child")])
  func `if iptables gives no answer, the family does not count as unsupported`(
    family: IPFamily, cause: CommandError.Cause
  ) async {
    let kernel = FakeKernel()
    kernel.change { $0.failing[family] = cause }
    let error = await #expect(throws: CommandError.self) { try await facts(kernel) }
    #expect(error?.cause == cause)
  }

  @Test(arguments: [CommandError.Cause.notFound, .exited(3), .signalled(SIGSYS)])
  func `if iptables cannot write the family's rules, the family is unsupported`(cause: CommandError.Cause) async throws
  {
    let kernel = FakeKernel()
    kernel.change { $0.failing[.ipv4] = cause }
    let facts = try await facts(kernel)
    #expect(facts.missing[.ipv4]?.hasPrefix("fake-restore --test: ") == true)
    #expect(facts.families[.ipv4] == nil)
  }
}
