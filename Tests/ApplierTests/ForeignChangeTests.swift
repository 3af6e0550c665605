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

  /// In the initial pid namespace, the pids of processes tell own commits. Elsewhere their netlink ports do.
  @Test(arguments: cases, [true, false])
  func `commits of other programs that touch our rules are reported, and no other commits`(
    example: Case, isInInitialNamespace: Bool
  ) async throws {
    try await ScratchNamespace.with { scratch in
      let commands = scratch.commands(.nft)
      let applier = FamilyApplier(family: .ipv6, commands: commands)
      let changes = try await scratch.namespace.run {
        let monitor = NFTablesMonitor(
          ownProcesses: commands.ownProcesses, isInInitialPIDNamespace: isInInitialNamespace)
        return try monitor.changes()
      }
      _ = try await applier.sync(full: SyntheticCluster(.ipv6, services: 30, endpoints: 3).plan)
      try await scratch.restore(.nft, .ipv6, example.input)
      // This change is always reported. All reports about `example` come before its report.
      try await scratch.restore(.nft, .ipv4, "*filter\n:KUBE-FORWARD - [0:0]\nCOMMIT\n")
      var families: Set<IPFamily> = []
      for try await change in changes {
        families.formUnion(change.families)
        #expect(change.program.contains("tables-nft") && change.pid > 0 && !change.isOverrun)
        if families.contains(.ipv4) { break }
      }
      #expect(families.contains(.ipv6) == example.matters)
    }
  }

  /// Such a process has the netlink port of the restore process.
  @Test(arguments: [true, false])
  func `a process of another pid namespace with the pid of a restore process is foreign`(
    isInInitialNamespace: Bool
  ) async throws {
    try await ScratchNamespace.with { scratch in
      let commands = scratch.commands(.nft)
      let pids = SharedValue<[Int32]>([])
      _ = commands.ownProcesses.observe { event, _ in
        if case .began(let pid) = event { pids.withLock { $0.append(pid) } }
      }
      let changes = try await scratch.namespace.run {
        let monitor = NFTablesMonitor(
          ownProcesses: commands.ownProcesses, isInInitialPIDNamespace: isInInitialNamespace)
        return try monitor.changes()
      }
      _ = try await commands.restore(.ipv4) { sink in
        try sink.write(Array("*nat\n:KUBE-POSTROUTING - [0:0]\n-A KUBE-POSTROUTING -j RETURN\nCOMMIT\n".utf8))
      }
      let pid = try #require(pids.value.last)
      let script = """
        echo \(pid - 1) > /proc/sys/kernel/ns_last_pid
        iptables-nft-restore --noflush
        exit $?
        """
      let flush = "*nat\n-F KUBE-POSTROUTING\nCOMMIT\n"
      try await Command(["unshare", "-p", "-f", "--mount-proc", "sh", "-c", script], input: flush)
        .run(in: scratch.namespace)
      for try await change in changes {
        #expect(change.families == [.ipv4])
        break
      }
    }
  }

  @Test
  func `the stream of changes ends with the task that reads it`() async throws {
    try await ScratchNamespace.with { scratch in
      let changes = try await scratch.namespace.run { try NFTablesMonitor(ownProcesses: OwnProcesses()).changes() }
      let reading = Task {
        for try await _ in changes {}
        return true
      }
      reading.cancel()
      #expect(try await reading.value)
    }
  }
}
