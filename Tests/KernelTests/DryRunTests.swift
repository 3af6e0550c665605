import Foundation
import Lab
import ServiceModel
import Testing

/// The examples that users are shown.
@Suite(.timeLimit(.minutes(10))) struct DryRunTests {
  static let examples = Program.packageRoot.appending(path: "manifests/examples").path

  static func dryRun(_ arguments: [String]) async throws -> String {
    try await Command(
      [Program.path, "--manifests", examples, "--hostname-override", "worker-a", "--dry-run"] + arguments
    ).run()
  }

  @Test
  func `the examples give rules for each Service of ours, and the same bytes each time`() async throws {
    let first = try await DryRunTests.dryRun(["--ip-family", "dual"])
    #expect(try await DryRunTests.dryRun(["--ip-family", "dual"]) == first)
    for name in ["shop:http", "signalling:diameter", "gateway", "public:https", "both:http", "draining:http"] {
      #expect(first.contains("examples/\(name)"), "\(name)")
    }
    for name in ["headless", "elsewhere", "another-proxy"] { #expect(!first.contains("examples/\(name)"), "\(name)") }
  }

  @Test
  func `JSON output is JSON, and says which Service a rule is for`() async throws {
    let output = try await DryRunTests.dryRun(["--output", "json"])
    #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(output.utf8)) }
    #expect(output.contains("shop"))
  }

  @Test(.needsRoot, arguments: Backend.allCases, IPFamily.allCases)
  func `an empty kernel accepts the printed rules`(_ backend: Backend, _ family: IPFamily) async throws {
    let rules = try await DryRunTests.dryRun(["--ip-family", family == .ipv4 ? "ipv4" : "ipv6"])
    try await Lab.with(Layout(nodes: [.init("worker-a")])) { lab in
      let node = lab.node("worker-a").namespace
      try await Command([backend.restore(family), "-w", "--noflush", "--test"], input: rules).run(in: node)
      try await Command([backend.restore(family), "-w", "--noflush"], input: rules).run(in: node)
      let kernel = try await backend.rules(family, in: node)
      let planned = rules.split(separator: "\n").filter { $0.hasPrefix("-A") || $0.hasPrefix("-I") }
      #expect(kernel.count(where: { $0.hasPrefix("-A") }) == planned.count)
    }
  }
}
