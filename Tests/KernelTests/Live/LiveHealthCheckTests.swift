import APIServerFixture
import Foundation
import Lab
import ServiceModel
import Testing

/// Health-check node ports and Events, as load balancers and `kubectl describe` see them.
@Suite(.needsRoot, .timeLimit(.minutes(10)))
struct LiveHealthCheckTests {
  private func local(_ live: LiveNode, _ name: String, _ number: Int, port: UInt16) -> ServiceObject {
    var service = live.service(name, number, on: ["s1"])
    service.type = .loadBalancer
    service.ports[0].nodePort = 30000 + UInt16(number)
    service.externalTrafficPolicy = .local
    service.healthCheckNodePort = port
    return service
  }

  /// Head and body of the answer on a port of the node, asked from outside; empty if nobody answers.
  private func answer(_ live: LiveNode, _ family: IPFamily, port: UInt16) async throws -> String {
    let host = family == .ipv4 ? "\(live.node.addresses.ipv4)" : "[\(live.node.addresses.ipv6)]"
    return try await Command(["curl", "--silent", "--include", "http://\(host):\(port)/"])
      .result(in: live.lab.outsider.namespace).output
  }

  @Test(arguments: IPFamily.allCases)
  func `a health-check node port shows local endpoints as long as its Service exists`(_ family: IPFamily) async throws {
    try await LiveNode.with { live in
      _ = try await live.startedProxy()
      var web = local(live, "web", 10, port: 31999)
      try live.apply(web)
      // The Service comes first. Its slices may come one sync later.
      let good = try await eventually("the endpoint is there", { try await answer(live, family, port: 31999) }) {
        $0.contains("\"localEndpoints\": 1,")
      }
      #expect(good.hasPrefix("HTTP/1.1 200 OK\r\n"))
      #expect(good.contains("X-Load-Balancing-Endpoint-Weight: 1\r\n"))
      web.endpoints = []
      try live.apply(web)
      let bad = try await eventually("the endpoint is gone", { try await answer(live, family, port: 31999) }) {
        !$0.contains("\"localEndpoints\": 1")
      }
      #expect(bad.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
      #expect(bad.contains("\"localEndpoints\": 0,"))
      live.remove(web)
      try await eventually("it is gone") { try await answer(live, family, port: 31999) == "" }
    }
  }

  @Test
  func `a port that another program has is reported by Event and log, and everything else works`() async throws {
    try await LiveNode.with { live in
      try await live.lab.responder.serve(live.node, .tcp, port: 31998)
      let web = local(live, "web", 10, port: 31998)
      try live.apply(web)
      let daemon = try await live.startedProxy()
      try await daemon.waitForLine("word of the clash") {
        $0.contains("health check node port cannot be served") && $0.contains("address already in use")
      }
      func events() throws -> [[String: Any]] {
        try live.store.keys(of: .events).compactMap { live.store.object($0) }.map {
          try JSONSerialization.jsonObject(with: $0.json) as? [String: Any] ?? [:]
        }
      }
      try await eventually("the Events are there") {
        let reasons = try Set(events().map { $0["reason"] as? String })
        return reasons.isSuperset(of: ["Starting", "FailedToStartServiceHealthcheck"])
      }
      let warning = try #require(try events().first { $0["type"] as? String == "Warning" })
      #expect((warning["regarding"] as? [String: Any])?["name"] as? String == "web")
      #expect((warning["note"] as? String)?.contains("on port 31998") == true)
      let start = try #require(try events().first { $0["reason"] as? String == "Starting" })
      #expect((start["regarding"] as? [String: Any])?["name"] as? String == live.node.name)
      #expect(try await live.ask(web, .ipv4).endpoint == "s1")
      #expect(daemon.status == nil)
    }
  }
}
