import ApplierSupport
import Doubles
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

  @Test(arguments: IPFamily.allCases)
  func `if the system does not start iptables, the family does not count as unsupported`(family: IPFamily) async {
    let kernel = FakeKernel()
    kernel.change { $0.notStarted = [family] }
    let error = await #expect(throws: CommandError.self) { try await facts(kernel) }
    #expect(error?.description == "fake-restore --test: not started: no memory")
  }
}
