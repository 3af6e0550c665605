import Glibc
import Lab
import ServiceModel
import Testing

/// The proxy is killed at random moments.
@Suite(.needsRoot, .timeLimit(.minutes(10)))
struct KillTests {
  private static let kills = 10
  /// The number of syncs before each kill. In total there are at least 200.
  private static let syncs = 20...30

  @Test(arguments: Backend.allCases)
  func `after kill -9 during a sync the next start leaves the planned rules, and unchanged Services keep working`(
    _ backend: Backend
  ) async throws {
    try await LiveNode.with(backend) { live in
      let untouched = live.service("untouched", 10, on: ["s1", "s2"])
      try live.apply(untouched)
      var daemon = try await live.startedProxy()
      let bystanders = IPFamily.allCases.map {
        SteadyClient(Request(.tcp, untouched.clusterIP($0), port: 80), from: live.client, rate: 100)
      }
      var changes = 0
      var syncs = 0
      for _ in 0..<Self.kills {
        let (victim, first) = (daemon, changes)
        let turmoil = Task { try await Self.change(live, from: first, whileRuns: victim) }
        var mark = 0
        for _ in 0..<Int.random(in: Self.syncs) {
          mark = try await victim.waitForLine("a sync", after: mark, where: Self.isSync)
        }
        // A sync takes about 10 ms, so the kill comes at a random moment during or after the next sync.
        try await Task.sleep(for: .microseconds(.random(in: 0...20_000)))
        victim.send(SIGKILL)
        #expect(try await victim.waitForEnd() == 128 + SIGKILL)
        changes = try await turmoil.value
        syncs += victim.lines.count(where: Self.isSync)

        daemon = try await live.startedProxy()
        let difference = try await live.difference()
        #expect(difference == "")
      }
      #expect(syncs >= 200)
      for bystander in bystanders {
        let report = try await bystander.stop()
        #expect(report.failures == [])
        #expect(report.answered > 0)
      }
      #expect(daemon.status == nil)
    }
  }

  @Sendable private static func isSync(_ line: String) -> Bool { line.contains("rules synced") }

  /// Changes the endpoints of eight Services in turn until the proxy ends. Makes each change when the change before it
  /// is in the kernel.
  /// - Parameter first: the number of the first change.
  /// - Returns: the number of the next change.
  private static func change(_ live: LiveNode, from first: Int, whileRuns daemon: Daemon) async throws -> Int {
    let endpoints = [["s1"], [], ["s1", "s2"], ["s2"]]
    var number = first
    while daemon.status == nil {
      let service = number % 8
      let mark = daemon.mark
      try live.apply(live.service("busy\(service)", 20 + service, on: endpoints[number / 8 % endpoints.count]))
      number += 1
      do {
        try await daemon.waitForLine("a sync", after: mark, where: isSync)
      } catch LabError.missed where daemon.status != nil {
        break
      }
    }
    return number
  }
}
