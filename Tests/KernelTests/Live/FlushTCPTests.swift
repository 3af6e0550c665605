import Lab
import ServiceModel
import Testing

/// TCP connections to an endpoint that is removed from its Service.
@Suite(.needsRoot, .timeLimit(.minutes(10)))
struct FlushTCPTests {
  @Test(arguments: [false, true])
  func `a connection to a removed endpoint continues, unless TCP flows are flushed`(_ flushes: Bool) async throws {
    try await LiveNode.with { live in
      for server in ["s1", "s2"] { try await live.lab.responder.serve(live.lab.pod(server), .udp, port: 5353) }
      let other = live.service("other", 10, on: ["s1"])
      try live.apply(other)
      _ = try await live.startedProxy(flushes ? ["--conntrack-flush-tcp"] : [])

      func open(_ service: ServiceObject, _ transport: TransportProtocol, _ family: IPFamily) async throws
        -> LongConnection
      {
        let request = Request(transport, service.clusterIP(family), port: transport == .tcp ? 80 : 53)
        let connection = try await LongConnection.open(request, from: live.client)
        #expect(try await connection.ask().endpoint == "s1")
        return connection
      }
      for family in IPFamily.allCases {
        var web = live.service("web", 11, on: ["s1"])
        web.ports.append(.init("dns", .udp, 53, target: 5353))
        web.families = [family]
        try live.apply(web)
        try await eventually("s1 answers") { try await live.ask(web, family).endpoint == "s1" }
        let connection = try await open(web, .tcp, family)
        let bystander = try await open(other, .tcp, family)
        // The same clean-up deletes the conntrack entry of this UDP flow. When the new endpoint answers, the sweep of
        // UDP flows is over, and the one of TCP flows may still run.
        let sentinel = try await open(web, .udp, family)

        web.endpoints = [.init(live.lab.pod("s2"))]
        try live.apply(web)
        try await eventually("the sweep") { try await sentinel.ask().endpoint == "s2" }
        if flushes {
          try await eventually("the \(family) connection is reset") { try await connection.ask() == .reset }
        } else {
          #expect(try await connection.ask().endpoint == "s1", "\(family)")
        }
        #expect(try await bystander.ask().endpoint == "s1")
        live.remove(web)
      }
    }
  }
}
