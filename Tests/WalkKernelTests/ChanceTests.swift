import Glibc
import IPTables
import Inspection
import Lab
import RuleAnalysis
import ServiceModel
import Testing

/// Probabilities, affinity and loopback. These need more packets, or other addresses, than the other tests send.
@Suite(.enabled(if: geteuid() == 0, "needs root for network namespaces"), .timeLimit(.minutes(10)))
struct ChanceTests {
  private static let settings = Setting.all.filter { !$0.masqueradeAll && !$0.byInterface }

  @Test(arguments: settings)
  func `connections are spread as explain says`(_ setting: Setting) async throws {
    try await Lab.with(TestCluster.layout) { lab in
      let cluster = try TestCluster(lab, setting)
      try await cluster.start()
      for family in IPFamily.allCases {
        let service = try #require(cluster.services.first { $0.name == "web" })
        let client = lab.pod("c1")
        let scene = try await cluster.held(family)
        let foretold = try Explainer(scene).explain(
          from: .address(client.addresses[family]), to: SocketAddress(service.clusterIP(family), port: 80), .tcp)
        let total = 900
        let seen = counts(try await client.ask(Request(.tcp, service.clusterIP(family), port: 80), times: total))
        var deviation = 0.0
        for choice in foretold.choices {
          let name = try #require(cluster.name(of: choice.destination.address))
          let expected = choice.probability * Double(total)
          deviation +=
            (Double(seen[name, default: 0]) - expected) * (Double(seen[name, default: 0]) - expected) / expected
        }
        #expect(seen.values.reduce(0, +) == total)
        // Chi-squared with two degrees of freedom: more than 27.6 happens once in a million times.
        #expect(deviation < 27.6, "\(seen)")
      }
    }
  }

  @Test(arguments: settings)
  func `a client on a list of recent ones keeps its endpoint`(_ setting: Setting) async throws {
    try await Lab.with(TestCluster.layout) { lab in
      let cluster = try TestCluster(lab, setting)
      try await cluster.start()
      let service = try #require(cluster.services.first { $0.name == "sticky" })
      for family in IPFamily.allCases {
        let client = lab.pod("c1")
        let request = Request(.tcp, service.clusterIP(family), port: 80)
        let first = try #require(try await client.ask(request)[0].endpoint)
        let held = try await cluster.held(family)
        let packet = Packet(
          from: client.addresses[family], to: request.destination, origin: .interface(client.hostInterface))
        let walk = PacketWalk(rules: held.rules, host: held.host)
        let joined = try #require(
          walk.outcomes(of: packet).first { cluster.name(of: $0.destination.address) == first }?.joinedLists)
        var host = held.host
        for list in joined { host.recent[list] = [client.addresses[family]] }
        let later = PacketWalk(rules: held.rules, host: host).results(of: packet)
        #expect(later.map { cluster.name(of: $0.destination.address) } == [first])
        let answers = counts(try await client.ask(request, times: 30))
        #expect(answers == [first: 30])
      }
    }
  }

  @Test(arguments: settings)
  func `Node ports answer on loopback in IPv4, and nobody else reaches loopback`(_ setting: Setting) async throws {
    try await Lab.with(TestCluster.layout) { lab in
      let cluster = try TestCluster(lab, setting)
      try await cluster.start()
      let service = try #require(cluster.services.first { $0.name == "web" })
      let destination = SocketAddress(
        try #require(IPAddress("127.0.0.1")), port: try #require(service.ports[0].nodePort))
      let scene = try await cluster.held(.ipv4)
      let foretold = try Explainer(scene).explain(from: .host, to: destination, .tcp)
      #expect(foretold.choices.allSatisfy { $0.isTranslated && $0.source == .masqueraded })
      let answer = try await cluster.node.ask(.tcp, destination.address, port: destination.port)
      #expect(answer.source == cluster.node.gateway(.ipv4) || answer.source == cluster.node.addresses[.ipv4])
      let neighbour = try Explainer(scene).explain(
        from: .address(lab.outsider.addresses.ipv4), to: SocketAddress(destination.address, port: 10249), .tcp)
      #expect(neighbour.choices.map(\.verdict) == [.dropped])
    }
  }
}
