import Applier
import ApplierSupport
import IPTables
import ServiceModel
import Testing

/// A backend and a family: each kernel test runs with every pair.
struct Kernel: Sendable, CustomTestStringConvertible {
  let backend: Backend
  let family: IPFamily

  static let all = Backend.allCases.flatMap { backend in
    IPFamily.allCases.map { Kernel(backend: backend, family: $0) }
  }

  var testDescription: String { "\(backend.rawValue) \(family.rawValue)" }
}

@Suite("Syncs on a real kernel", .enabled(if: ScratchNamespace.isPossible, "network namespaces need root"))
struct KernelSyncTests {
  @Test("A full sync writes everything, the next one starts no process", arguments: Kernel.all)
  func idempotence(kernel: Kernel) async throws {
    try await ScratchNamespace.with { scratch in
      let cluster = SyntheticCluster(kernel.family, services: 5, endpoints: 3)
      let applier = FamilyApplier(family: kernel.family, commands: scratch.commands(kernel.backend))
      let first = try await applier.sync(full: cluster.plan)
      #expect(first.tables[.nat]?.chainsWritten == 5 * 4 + 4)
      #expect(first.bytes > 0)
      let second = try await applier.sync(full: cluster.plan)
      #expect(second.isUnchanged)

      let restarted = FamilyApplier(family: kernel.family, commands: scratch.commands(kernel.backend))
      let third = try await restarted.sync(full: cluster.plan)
      #expect(third.drift == KernelDrift())
      #expect(third.isUnchanged)
    }
  }
}
