import IPTables
import RuleAnalysis
import ServiceModel
import Testing

@Suite(.timeLimit(.minutes(5))) struct PacketWalkTests {
  /// A packet through the fixture's rules and what becomes of it.
  struct Walk: Sendable, CustomTestStringConvertible {
    let reason: String
    let packet: Packet
    let results: [String]
    var testDescription: String { reason }

    init(_ reason: String, _ packet: Packet, _ results: String...) {
      self.reason = reason
      self.packet = packet
      self.results = results
    }
  }

  private static func packet(
    _ source: String, _ destination: String, _ transport: TransportProtocol = .tcp,
    from origin: Packet.Origin = .interface(nil)
  ) -> Packet { WalkFixture.packet(source, destination, transport, from: origin) }

  static let walks = [
    Walk(
      "a pod keeps its address", packet("10.10.1.9", "10.200.1.16:80"),
      "33.33% 10.10.1.5:8080", "33.33% 10.10.2.5:8080", "33.33% 10.10.3.5:8080"),
    Walk(
      "an endpoint that meets itself is masqueraded", packet("10.10.1.5", "10.200.1.16:80"),
      "33.33% 10.10.1.5:8080 masqueraded", "33.33% 10.10.2.5:8080", "33.33% 10.10.3.5:8080"),
    Walk(
      "a client outside is masqueraded to a cluster IP", packet("192.0.2.9", "10.200.1.16:80"),
      "33.33% 10.10.1.5:8080 masqueraded", "33.33% 10.10.2.5:8080 masqueraded", "33.33% 10.10.3.5:8080 masqueraded"),
    Walk(
      "the host goes through OUTPUT", packet("172.18.0.3", "10.200.1.16:80", from: .host),
      "33.33% 10.10.1.5:8080 masqueraded", "33.33% 10.10.2.5:8080 masqueraded", "33.33% 10.10.3.5:8080 masqueraded"),
    Walk("another port of a cluster IP is nobody's", packet("10.10.1.9", "10.200.1.16:81"), "100.0% 10.200.1.16:81"),
    Walk("another protocol is nobody's", packet("10.10.1.9", "10.200.1.16:80", .udp), "100.0% 10.200.1.16:80"),
    Walk("no endpoints: refused", packet("10.10.1.9", "10.200.1.20:80"), "100.0% rejected 10.200.1.20:80"),
    Walk(
      "no endpoints: refused to the host as well", packet("172.18.0.3", "10.200.1.20:80", from: .host),
      "100.0% rejected 10.200.1.20:80"),
    Walk(
      "node port", packet("192.0.2.9", "172.18.0.3:30080"), "33.33% 10.10.1.5:8080 masqueraded",
      "33.33% 10.10.2.5:8080 masqueraded", "33.33% 10.10.3.5:8080 masqueraded"),
    Walk("node port of another node passes", packet("10.10.1.9", "172.18.0.4:30080"), "100.0% 172.18.0.4:30080"),
    Walk("node port, policy Local: source kept", packet("192.0.2.9", "172.18.0.3:30081"), "100.0% 10.10.1.6:80"),
    Walk(
      "policy Local does not bind pods", packet("10.10.1.9", "172.18.0.3:30081"), "50.0% 10.10.1.6:80",
      "50.0% 10.10.2.6:80"),
    Walk(
      "policy Local does not bind the host, and masquerades it", packet("172.18.0.3", "172.18.0.3:30081", from: .host),
      "50.0% 10.10.1.6:80 masqueraded", "50.0% 10.10.2.6:80 masqueraded"),
    Walk(
      "a node port without endpoints is refused in INPUT", packet("192.0.2.9", "172.18.0.3:30090"),
      "100.0% rejected 172.18.0.3:30090"),
    Walk(
      "policy Local without a local endpoint drops", packet("192.0.2.9", "172.18.0.3:30091"),
      "100.0% dropped 172.18.0.3:30091"),
    Walk("health-check node port", packet("192.0.2.9", "172.18.0.3:31081"), "100.0% 172.18.0.3:31081"),
    Walk(
      "inside the source ranges", packet("192.0.2.9", "203.0.113.1:80"), "33.33% 10.10.1.5:8080 masqueraded",
      "33.33% 10.10.2.5:8080 masqueraded", "33.33% 10.10.3.5:8080 masqueraded"),
    Walk("outside the source ranges", packet("198.18.0.1", "203.0.113.1:80"), "100.0% dropped 203.0.113.1:80"),
    Walk("a neighbour that aims at loopback", packet("192.0.2.9", "127.0.0.1:10249"), "100.0% dropped 127.0.0.1:10249"),
    Walk(
      "the host's own loopback is let through twice", packet("127.0.0.1", "127.0.0.1:10249", from: .host),
      "100.0% 127.0.0.1:10249"),
    Walk(
      "a client without affinity yet", packet("10.10.1.9", "10.200.1.18:53", .udp), "50.0% 10.10.1.7:53",
      "50.0% 10.10.2.7:53"),
  ]

  @Test(arguments: walks) func `packets go where the rules say`(_ walk: Walk) throws {
    let outcomes = PacketWalk(rules: try WalkFixture.rules(), host: WalkFixture.host).outcomes(of: walk.packet)
    #expect(WalkFixture.summary(outcomes.results) == walk.results.sorted())
    #expect(abs(outcomes.reduce(0) { $0 + $1.probability } - 1) < 1e-12)
  }

  @Test(arguments: [("KUBE-SEP-STICKY1", "100.0% 10.10.1.7:53"), ("KUBE-SEP-STICKY2", "100.0% 10.10.2.7:53")])
  func `affinity keeps a client with its endpoint`(_ list: ChainName, _ result: String) throws {
    var host = WalkFixture.host
    host.recent[list] = [WalkFixture.address("10.10.1.9")]
    let walk = PacketWalk(rules: try WalkFixture.rules(), host: host)
    let outcomes = walk.outcomes(of: Self.packet("10.10.1.9", "10.200.1.18:53", .udp))
    #expect(WalkFixture.summary(outcomes.results) == [result])
    #expect(outcomes.map(\.joinedLists) == [[list]])
    let other = walk.results(of: Self.packet("10.10.1.10", "10.200.1.18:53", .udp))
    #expect(WalkFixture.summary(other) == ["50.0% 10.10.1.7:53", "50.0% 10.10.2.7:53"])
  }

  @Test func `only new connections pass the nat table, and invalid ones are dropped`() throws {
    let walk = PacketWalk(rules: try WalkFixture.rules(), host: WalkFixture.host)
    var packet = Self.packet("10.10.1.9", "10.10.2.5:8080")
    packet.state = .invalid
    #expect(WalkFixture.summary(walk.results(of: packet)) == ["100.0% dropped 10.10.2.5:8080"])
    packet = Self.packet("10.10.1.9", "10.200.1.16:80")
    packet.state = .established
    #expect(WalkFixture.summary(walk.results(of: packet)) == ["100.0% 10.200.1.16:80"])
  }

  @Test func `the trace names every rule that was met`() throws {
    let walk = PacketWalk(rules: try WalkFixture.rules(), host: WalkFixture.host)
    let outcomes = walk.outcomes(of: Self.packet("10.10.2.5", "10.200.1.16:80"))
    let second = try #require(outcomes.first { $0.destination.description == "10.10.2.5:8080" })
    let steps = second.trace.map { "\($0.table) \($0.hook) \($0.chain) \($0.index) \(Self.name($0.event))" }
    #expect(
      steps == [
        "nat PREROUTING PREROUTING 0 matched", "nat PREROUTING KUBE-SERVICES 0 matched",
        "nat PREROUTING KUBE-SVC-WEB 1 not chosen", "nat PREROUTING KUBE-SVC-WEB 2 matched",
        "nat PREROUTING KUBE-SEP-WEB2 0 matched", "nat PREROUTING KUBE-MARK-MASQ 0 matched",
        "nat PREROUTING KUBE-SEP-WEB2 1 matched", "filter FORWARD FORWARD 0 matched",
        "filter FORWARD FORWARD 1 matched",
        "filter FORWARD KUBE-FORWARD 1 matched", "nat POSTROUTING POSTROUTING 0 matched",
        "nat POSTROUTING KUBE-POSTROUTING 1 matched", "nat POSTROUTING KUBE-POSTROUTING 2 matched",
      ])
    #expect(second.mark == 0, "the mark is taken back before the packet leaves")
  }

  private static func name(_ event: WalkStep.Event) -> String {
    switch event {
    case .matched: "matched"
    case .notChosen: "not chosen"
    case .assumedNoMatch: "assumed"
    case .policy(let policy): "policy \(policy.rawValue)"
    }
  }
}
