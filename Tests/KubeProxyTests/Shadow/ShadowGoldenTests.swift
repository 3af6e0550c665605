import Fixtures
import IPTables
import ServiceModel
import Testing

@testable import KubeProxy
@testable import Shadow

/// The shadow beside rules that the real kube-proxy wrote.
@Suite(.timeLimit(.minutes(5))) struct ShadowGoldenTests {
  /// How the kernel is read.
  enum Extent: String, CaseIterable { case whole, part }

  private static func findings(
    _ golden: GoldenCase, _ family: IPFamily, _ lines: [String], _ extent: Extent
  ) async throws -> [ShadowFinding] {
    let kernel = SavedKernel()
    kernel.set(family, lines)
    let (comparison, plan) = (ShadowComparison(reading: kernel), golden.plan(family))
    return switch extent {
    case .whole: try await comparison.whole(plan).findings
    case .part: try await comparison.part(plan, Set(golden.snapshot.services.keys)).findings
    }
  }

  @Test(arguments: Fixtures.cases)
  func `kube-proxy's own rules are equal to the plan`(_ name: String) async throws {
    let golden = try GoldenCase(name)
    for family in IPFamily.allCases {
      let saved = try golden.saved(family)
      #expect(try await Self.findings(golden, family, saved, .whole) == [], "\(family)")
    }
    let saved = try golden.saved(.ipv4)
    #expect(try await Self.findings(golden, .ipv4, saved, .part) == [])
  }

  /// A change of kube-proxy's rules for case 09, and the report that the shadow must make.
  struct Mutation: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let kind: ShadowKind
    let service: String?
    let mutate: @Sendable (inout [String]) throws -> Void
  }

  private static func place(_ lines: [String], _ isWanted: (String) -> Bool) throws -> Int {
    let index = lines.firstIndex(where: isWanted)
    return try #require(index)
  }

  static let mutations: [Mutation] = [
    Mutation(testDescription: "a rule is gone", kind: .missingRule, service: "lab/lb") { lines in
      lines.remove(at: try place(lines) { $0.contains("-A KUBE-SVC-") && $0.contains("--probability") })
    },
    Mutation(testDescription: "a rule has another probability", kind: .changedRule, service: "lab/lb") { lines in
      let index = try place(lines) { $0.contains("-A KUBE-SVC-") && $0.contains("--probability 0.5") }
      lines[index].replace("--probability 0.5", with: "--probability 0.25")
    },
    Mutation(testDescription: "another endpoint", kind: .changedRule, service: "lab/lb") { lines in
      let index = try place(lines) { $0.contains("-A KUBE-SEP-") && $0.contains("--to-destination 10.10.") }
      lines[index].replace(#/--to-destination 10\.10\.[0-9.]+/#, with: "--to-destination 10.10.9.99")
    },
    Mutation(testDescription: "a jump is missing", kind: .missingJump, service: nil) { lines in
      lines.remove(at: try place(lines) { $0.hasPrefix("-A PREROUTING ") && $0.contains("-j KUBE-SERVICES") })
    },
    Mutation(testDescription: "a foreign rule before ours", kind: .foreignRuleBeforeJump, service: nil) { lines in
      lines.insert(
        "-A PREROUTING -p udp -j ACCEPT",
        at: try place(lines) { $0.hasPrefix("-A PREROUTING ") && $0.contains("-j KUBE-SERVICES") })
    },
    Mutation(testDescription: "a foreign rule in our chain", kind: .foreignRule, service: nil) { lines in
      let index = try place(lines) { $0.hasPrefix("-A KUBE-SERVICES ") }
      lines.insert("-A KUBE-SERVICES -s 192.0.2.0/24 -j ACCEPT", at: index)
    },
    Mutation(testDescription: "a stale chain", kind: .extraChain, service: "lab/gone") { lines in
      lines.insert(":KUBE-SEP-AAAAAAAAAAAAAAAA - [0:0]", at: 1)
      lines.insert(
        "-A KUBE-SEP-AAAAAAAAAAAAAAAA -p tcp -m comment --comment \"lab/gone:http\" -m tcp -j DNAT "
          + "--to-destination 10.10.1.1:80", at: try place(lines) { $0.hasPrefix("-A KUBE-SEP-") })
    },
    Mutation(testDescription: "a chain is gone", kind: .missingChain, service: nil) { lines in
      lines.removeAll { $0.hasPrefix(":KUBE-MARK-MASQ ") || $0.hasPrefix("-A KUBE-MARK-MASQ ") }
    },
    Mutation(testDescription: "a chain of all Services is gone", kind: .missingChain, service: nil) { lines in
      let end = try place(lines) { $0 == "*filter" }
      let nat = lines[..<end].filter { !$0.hasPrefix(":KUBE-SERVICES ") && !$0.hasPrefix("-A KUBE-SERVICES ") }
      try #require(nat.count < end - 1)
      lines.replaceSubrange(..<end, with: nat)
    },
  ]

  @Test(arguments: mutations, Extent.allCases)
  func `a mutation of the rules is found, and nothing else`(_ mutation: Mutation, _ extent: Extent) async throws {
    let golden = try GoldenCase("09-loadbalancer")
    var lines = try golden.saved(.ipv4)
    try mutation.mutate(&lines)
    let findings = try await Self.findings(golden, .ipv4, lines, extent)
    #expect(findings.map(\.kind) == [mutation.kind], "\(findings)")
    if let service = mutation.service, service != "lab/lb" {
      #expect(findings.first?.service?.description == service)
    } else {
      #expect((findings.first?.service != nil) == (mutation.service != nil), "\(findings)")
    }
  }

  @Test func `legacy tables are read whole each time`() async throws {
    let golden = try GoldenCase("05-nodeport")
    let kernel = SavedKernel(readsSingleChains: false)
    kernel.set(.ipv4, try golden.saved(.ipv4))
    #expect(try await ShadowComparison(reading: kernel).whole(golden.plan(.ipv4)).findings == [])
    #expect(kernel.wholeReads == 1)
    #expect(kernel.singleReads == [])
  }

  @Test func `rules of service chains that are as planned are not kept`() throws {
    let golden = try GoldenCase("31-twenty-endpoints")
    var reader = KernelViewReader(.ipv4, digests: PlannedRules(golden.plan(.ipv4)).digests)
    for line in try golden.saved(.ipv4) { reader.consume(Array(line.utf8)[...]) }
    reader.finish()
    #expect(reader.view.serviceChains.count > 20)
    #expect(!reader.view.rules.tables[.nat, default: [:]].keys.contains { $0.prefix != nil })
  }
}
