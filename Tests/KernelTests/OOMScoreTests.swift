import Glibc
import Lab
import Testing

/// `--oom-score-adj`, as the kernel has it.
@Suite(.needsRoot, .timeLimit(.minutes(10)))
struct OOMScoreTests {
  private func withProxy(
    _ adjustment: Int, launcher: [String] = [], verbosity: Int = 0, _ body: (Daemon) async throws -> Void
  ) async throws {
    try await Lab.with(KernelRulesTests.layout) { lab in
      let arguments = KernelRulesTests.arguments(.nft) + ["--oom-score-adj=\(adjustment)", "-v", "\(verbosity)"]
      let proxy = try await lab.start(launcher + arguments, on: lab.node("worker-a"))
      try await proxy.waitForSync(after: 0)
      try await body(proxy)
      #expect(await proxy.stop() == 0)
    }
  }

  private func score(of pid: Int32) async throws -> String {
    try await Command(["cat", "/proc/\(pid)/oom_score_adj"]).run()
  }

  /// A process may raise its score without a privilege.
  @Test func `the OOM score is that of the flag`() async throws {
    try await withProxy(137) { proxy in
      let held = try await score(of: proxy.pid)
      #expect(held == "137\n")
    }
  }

  /// In a pod without CAP_SYS_RESOURCE the kubelet has set the score.
  private static let withoutPrivilege = ["setpriv", "--bounding-set", "-sys_resource", "--inh-caps", "-sys_resource"]

  @Test(arguments: [(0, 0), (4, 1)])
  func `without the privilege the score stays, and only a verbose log says so`(_ verbosity: Int, _ lines: Int)
    async throws
  {
    let before = try await score(of: getpid())
    try await withProxy(-137, launcher: Self.withoutPrivilege, verbosity: verbosity) { proxy in
      let held = try await score(of: proxy.pid)
      #expect(held == before)
      let told = proxy.lines.filter { $0.contains("oom_score_adj could not be set") }
      #expect(told.count == lines, "\(told)")
    }
  }
}
