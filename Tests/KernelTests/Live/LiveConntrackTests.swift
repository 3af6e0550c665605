import Lab
import ServiceModel
import Testing

/// UDP clients that keep their source port, while their Service changes and the proxy is restarted.
@Suite(.needsRoot, .timeLimit(.minutes(10)))
struct LiveConntrackTests {
  @Test(arguments: IPFamily.allCases)
  func `a UDP client follows its Service's endpoints on one socket`(_ family: IPFamily) async throws {
    try await LiveNode.with { live in
      for server in ["s1", "s2"] { try await live.lab.responder.serve(live.lab.pod(server), .udp, port: 5353) }
      let (s1, s2) = (ServiceObject.Endpoint(live.lab.pod("s1")), ServiceObject.Endpoint(live.lab.pod("s2")))
      var dns = live.service("dns", 10, on: ["s1"])
      dns.type = .nodePort
      dns.families = [family]
      dns.ports = [.init("dns", .udp, 53, target: 5353, nodePort: 30053)]
      try live.apply(dns)
      let daemon = try await live.startedProxy()

      let pod = try await LongConnection.open(
        Request(.udp, dns.clusterIP(family), port: 53, timeout: 500), from: live.client)
      let outsider = try await LongConnection.open(
        Request(.udp, live.node.addresses[family], port: 30053, timeout: 500), from: live.lab.outsider)
      func bothReach(_ endpoint: String?, _ what: String) async throws {
        for client in [pod, outsider] {
          try await eventually("\(what): \(endpoint ?? "nobody")") { try await client.ask().endpoint == endpoint }
        }
      }
      func change(_ endpoints: [ServiceObject.Endpoint]) throws {
        dns.endpoints = endpoints
        try live.apply(dns)
      }
      try await bothReach("s1", "at first")
      try change([s2])
      try await bothReach("s2", "its endpoint was replaced")
      try change([s1, s2.notReady()])
      try await bothReach("s1", "its endpoint is not ready any more")
      try change([])
      try await bothReach(nil, "the last endpoint is gone")
      try change([s2])
      try await bothReach("s2", "the first endpoint came")

      daemon.send(9)
      _ = try await daemon.waitForEnd()
      try change([s1])
      #expect(try await pod.ask().endpoint == "s2", "nobody follows now")
      _ = try await live.startedProxy()
      try await bothReach("s1", "its endpoint was replaced while the proxy was away")
      live.remove(dns)
      try await bothReach(nil, "the Service is gone")
    }
  }
}
