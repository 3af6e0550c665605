import IPTables
import ServiceModel
import Testing

@testable import Planner

/// Traffic policies, with the short cuts for pods and for the host itself. Addresses: see `FamilyText`.
@Suite(.timeLimit(.minutes(5))) struct PolicyWalkTests {
  private static func service(_ internal: TrafficPolicy, _ external: TrafficPolicy, _ endpoints: String...)
    -> TestService
  {
    TestService(
      ports: [TestPort(nodePort: 30080)], externalIPs: ["198.51.100.1"], ingress: ["203.0.113.1"],
      internal: `internal`, external: external, healthCheckNodePort: external == .local ? 31080 : nil,
      endpoints: endpoints)
  }

  /// Ways to every outside address of the Service.
  private static func outside(_ client: Client, _ results: String...) -> [Way] {
    ["172.18.0.3:30080", "198.51.100.1:80", "203.0.113.1:80"].map { Way(client, $0, results: results) }
  }

  static let cases = [
    WalkCase(
      "external Local, endpoints here and there", service(.cluster, .local, "10.10.1.5", "10.10.2.5"),
      ways: outside(.outside, "10.10.1.5:8080") + outside(.pod, "10.10.1.5:8080", "10.10.2.5:8080")
        + outside(.endpoint, "10.10.1.5:8080 masqueraded", "10.10.2.5:8080")
        + outside(.remotePod, "10.10.1.5:8080", "10.10.2.5:8080")
        + outside(.node, "10.10.1.5:8080 masqueraded", "10.10.2.5:8080 masqueraded") + [
          Way(.pod, "10.200.1.16:80", .tcp, "10.10.1.5:8080", "10.10.2.5:8080"),
          Way(.outside, "172.18.0.3:31080", .tcp, "untouched"),
        ]),
    WalkCase(
      "external Local, none here", service(.cluster, .local, "10.10.2.5"),
      ways: outside(.outside, "dropped") + outside(.pod, "10.10.2.5:8080")
        + outside(.node, "10.10.2.5:8080 masqueraded") + [
          Way(.pod, "10.200.1.16:80", .tcp, "10.10.2.5:8080"), Way(.outside, "172.18.0.3:31080", .tcp, "untouched"),
        ]),
    WalkCase(
      "external Local, none at all", service(.cluster, .local),
      // The host's own packets to outside addresses do not pass KUBE-EXTERNAL-SERVICES; those to itself do, in INPUT.
      ways: outside(.outside, "rejected") + outside(.pod, "rejected") + [
        Way(.pod, "10.200.1.16:80", .tcp, "rejected"), Way(.node, "10.200.1.16:80", .tcp, "rejected"),
        Way(.node, "172.18.0.3:30080", .tcp, "rejected"), Way(.node, "203.0.113.1:80", .tcp, "untouched"),
      ]),
    WalkCase(
      "external Local where pods cannot be told: they are outside clients",
      service(.cluster, .local, "10.10.1.5", "10.10.2.5"), configure: { options, _ in options.localTraffic = .unknown },
      ways: outside(.pod, "10.10.1.5:8080") + outside(.endpoint, "10.10.1.5:8080 masqueraded")),
    WalkCase(
      "internal Local, endpoints here and there", service(.local, .cluster, "10.10.1.5", "10.10.2.5"),
      ways: [
        Way(.pod, "10.200.1.16:80", .tcp, "10.10.1.5:8080"),
        Way(.endpoint, "10.200.1.16:80", .tcp, "10.10.1.5:8080 masqueraded"),
        Way(.outside, "10.200.1.16:80", .tcp, "10.10.1.5:8080 masqueraded"),
        Way(.node, "10.200.1.16:80", .tcp, "10.10.1.5:8080 masqueraded"),
      ] + outside(.outside, "10.10.1.5:8080 masqueraded", "10.10.2.5:8080 masqueraded")),
    WalkCase(
      "internal Local, none here", service(.local, .cluster, "10.10.2.5"),
      ways: [Way(.pod, "10.200.1.16:80", .tcp, "dropped"), Way(.node, "10.200.1.16:80", .tcp, "dropped")]
        + outside(.outside, "10.10.2.5:8080 masqueraded")),
    WalkCase(
      "internal Local, none at all", service(.local, .cluster),
      ways: [Way(.pod, "10.200.1.16:80", .tcp, "rejected")] + outside(.outside, "rejected")),
    WalkCase(
      "both Local, endpoints here and there", service(.local, .local, "10.10.1.5", "10.10.2.5"),
      ways: [Way(.pod, "10.200.1.16:80", .tcp, "10.10.1.5:8080")] + outside(.outside, "10.10.1.5:8080")
        + outside(.pod, "10.10.1.5:8080", "10.10.2.5:8080")),
    WalkCase(
      "both Local, none here", service(.local, .local, "10.10.2.5"),
      ways: [Way(.pod, "10.200.1.16:80", .tcp, "dropped")] + outside(.outside, "dropped")
        + outside(.pod, "10.10.2.5:8080") + outside(.node, "10.10.2.5:8080 masqueraded")),
  ]

  @Test(arguments: cases, IPFamily.allCases) func `packets`(_ example: WalkCase, _ family: IPFamily) {
    for dispatch in DispatchMode.allCases { example.check(family, dispatch) }
  }

  @Test(arguments: IPFamily.allCases, DispatchMode.allCases)
  func `health checks are accepted before a host firewall sees them`(_ family: IPFamily, _ dispatch: DispatchMode) {
    let cluster = TestCluster([Self.service(.cluster, .local)], family, dispatch: dispatch)
    var rules = RuleSet(cluster.plan)
    rules[.filter, .input]?.append(Rule([], .drop))
    let host = WalkHost(localAddresses: [cluster.text.address("172.18.0.3")])
    let walk = PacketWalk(rules: rules, host: host)
    func verdict(_ port: UInt16) -> [WalkVerdict] {
      let socket = SocketAddress(cluster.text.address("172.18.0.3"), port: port)
      return walk.results(of: Packet(from: cluster.text.address("192.0.2.9"), to: socket)).map(\.verdict)
    }
    #expect(verdict(31080) == [.delivered])
    #expect(verdict(31081) == [.dropped])
  }
}

extension Way {
  init(_ client: Client, _ destination: String, results: [String]) {
    self.client = client
    self.destination = destination
    transport = .tcp
    self.results = results
  }
}
