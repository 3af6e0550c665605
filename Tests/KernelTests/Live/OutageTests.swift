import APIServerFixture
import Lab
import ServiceModel
import Testing

/// The API server goes away and comes back.
@Suite(.needsRoot, .timeLimit(.minutes(10)))
struct OutageTests {
  @Test
  func `traffic and health go on without an API server; afterwards watches resume where they were`() async throws {
    try await LiveNode.with { live in
      var moving = live.service("moving", 11, on: ["s1"])
      let untouched = live.service("untouched", 10, on: ["s1", "s2"])
      try live.apply(moving)
      try live.apply(untouched)
      let daemon = try await live.startedProxy()
      try await eventually("it is healthy") { try await live.health() == "200" }
      let bystander = SteadyClient(Request(.tcp, untouched.clusterIP(.ipv4), port: 80), from: live.client, rate: 100)

      live.stopServer()
      moving.endpoints = [.init(live.lab.pod("s2"))]
      try live.apply(moving)
      try await bystander.waitForMore(200)
      #expect(try await live.health() == "200", "nothing is known that is not in the kernel")
      #expect(try await live.ask(moving, .ipv4).endpoint == "s1", "the rules stay as they were")

      try await live.startServer()
      try await eventually("it has caught up") { try await live.ask(moving, .ipv4).endpoint == "s2" }
      #expect(try await live.health() == "200")
      let report = try await bystander.stop()
      #expect(report.failures == [])
      #expect(daemon.status == nil)

      let reads = live.requests.filter { $0.method == "GET" }
      #expect(!reads.isEmpty)
      for read in reads {
        #expect(read.query["watch"] == "true" && read.query["sendInitialEvents"] == nil, "a list: \(read.query)")
        #expect(read.query["resourceVersion"] != nil, "\(read.query)")
      }
    }
  }
}
