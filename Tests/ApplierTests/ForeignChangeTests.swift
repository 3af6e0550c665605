import ApplierSupport
import Glibc
import IPTables
import Lab
import ServiceModel
import Testing

@testable import Applier

@Suite(
  "Foreign changes to nf_tables", .enabled(if: ScratchNamespace.isPossible, "network namespaces need root"),
  .timeLimit(.minutes(10)))
struct ForeignChangeTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let reason: String
    let input: String
    let matters: Bool
    var testDescription: String { reason }
  }

  static let cases = [
    Case(reason: "a flush of a chain of ours", input: "*nat\n-F KUBE-SERVICES\nCOMMIT\n", matters: true),
    Case(
      reason: "a flush of a built-in chain, where our jumps are", input: "*nat\n-F PREROUTING\nCOMMIT\n", matters: true),
    Case(
      reason: "a rule added to a chain of ours", input: "*nat\n-A KUBE-POSTROUTING -j RETURN\nCOMMIT\n", matters: true),
    Case(
      reason: "a plugin's own chain and its jump", input: "*nat\n:CNI-X - [0:0]\n-A PREROUTING -j CNI-X\nCOMMIT\n",
      matters: false),
  ]

  @Test(arguments: cases)
  func `commits of other programs that touch our rules are reported, and no other commits`(example: Case) async throws {
    try await ScratchNamespace.with { scratch in
      let commands = scratch.commands(.nft)
      let applier = FamilyApplier(family: .ipv6, commands: commands)
      let changes = try await scratch.namespace.run {
        try NFTablesMonitor(ownProcesses: commands.ownProcesses).changes()
      }
      _ = try await applier.sync(full: SyntheticCluster(.ipv6, services: 30, endpoints: 3).plan)
      try await scratch.restore(.nft, .ipv6, example.input)
      // This change is always reported. All reports about `example` come before its report.
      try await scratch.restore(.nft, .ipv4, "*filter\n:KUBE-FORWARD - [0:0]\nCOMMIT\n")
      var told: [ForeignChange] = []
      for await change in changes {
        if change.families == [.ipv4] { break }
        told.append(change)
      }
      #expect(told.map(\.families) == (example.matters ? [[.ipv6]] : []))
      #expect(told.allSatisfy { $0.program.hasPrefix("ip6tables-nft") && $0.pid > 0 && !$0.isOverrun })
    }
  }

  @Test
  func `the stream of changes ends with the task that reads it`() async throws {
    try await ScratchNamespace.with { scratch in
      let changes = try await scratch.namespace.run { try NFTablesMonitor(ownProcesses: OwnProcesses()).changes() }
      let reading = Task {
        for await _ in changes {}
        return true
      }
      reading.cancel()
      #expect(await reading.value)
    }
  }
}
