import IPTables
import ServiceModel
import Testing

@testable import Planner

/// What every kind of Service does with packets of every kind of client. Addresses: see `FamilyText`.
@Suite(.timeLimit(.minutes(5))) struct ServiceWalkTests {
  private static let two = ["10.10.1.5", "10.10.2.5"]

  static let clusterIPs = [
    WalkCase(
      "cluster IP", TestService(endpoints: two),
      ways: [
        Way(.pod, "10.200.1.16:80", .tcp, "10.10.1.5:8080", "10.10.2.5:8080"),
        Way(.endpoint, "10.200.1.16:80", .tcp, "10.10.1.5:8080 masqueraded", "10.10.2.5:8080"),
        Way(.remotePod, "10.200.1.16:80", .tcp, "10.10.1.5:8080", "10.10.2.5:8080"),
        Way(.node, "10.200.1.16:80", .tcp, "10.10.1.5:8080 masqueraded", "10.10.2.5:8080 masqueraded"),
        Way(.outside, "10.200.1.16:80", .tcp, "10.10.1.5:8080 masqueraded", "10.10.2.5:8080 masqueraded"),
        Way(.pod, "10.200.1.16:81", .tcp, "untouched"), Way(.pod, "10.200.1.16:80", .udp, "untouched"),
        Way(.pod, "10.200.1.17:80", .tcp, "untouched"),
      ]),
    WalkCase(
      "protocols that share a number",
      TestService(
        ports: [
          TestPort(name: "t", transport: .tcp, port: 53, target: 1),
          TestPort(name: "u", transport: .udp, port: 53, target: 2),
          TestPort(name: "s", transport: .sctp, port: 53, target: 3),
        ], endpoints: ["10.10.2.5"]),
      ways: [
        Way(.pod, "10.200.1.16:53", .tcp, "10.10.2.5:1"), Way(.pod, "10.200.1.16:53", .udp, "10.10.2.5:2"),
        Way(.pod, "10.200.1.16:53", .sctp, "10.10.2.5:3"),
      ]),
    WalkCase(
      "no endpoints", TestService(),
      ways: [
        Way(.pod, "10.200.1.16:80", .tcp, "rejected"), Way(.node, "10.200.1.16:80", .tcp, "rejected"),
        Way(.outside, "10.200.1.16:80", .tcp, "rejected"), Way(.pod, "10.200.1.16:81", .tcp, "untouched"),
      ]),
    WalkCase(
      "masqueradeAll", TestService(endpoints: ["10.10.2.5"]), configure: { options, _ in options.masqueradeAll = true },
      ways: [
        Way(.pod, "10.200.1.16:80", .tcp, "10.10.2.5:8080 masqueraded"),
        Way(.node, "10.200.1.16:80", .tcp, "10.10.2.5:8080 masqueraded"),
      ]),
    WalkCase(
      "pods cannot be told", TestService(endpoints: two), configure: { options, _ in options.localTraffic = .unknown },
      ways: [
        Way(.pod, "10.200.1.16:80", .tcp, "10.10.1.5:8080", "10.10.2.5:8080"),
        Way(.outside, "10.200.1.16:80", .tcp, "10.10.1.5:8080", "10.10.2.5:8080"),
        Way(.endpoint, "10.200.1.16:80", .tcp, "10.10.1.5:8080 masqueraded", "10.10.2.5:8080"),
      ]),
    WalkCase(
      "pods are told by interface", TestService(endpoints: ["10.10.2.5"]),
      configure: { options, _ in options.localTraffic = .interface(InterfacePattern(name: "veth", isPrefix: true)!) },
      ways: [
        Way(.pod, "10.200.1.16:80", .tcp, "10.10.2.5:8080"),
        Way(.remotePod, "10.200.1.16:80", .tcp, "10.10.2.5:8080 masqueraded"),
        Way(.outside, "10.200.1.16:80", .tcp, "10.10.2.5:8080 masqueraded"),
        Way(.node, "10.200.1.16:80", .tcp, "10.10.2.5:8080 masqueraded"),
      ]),
    WalkCase(
      "another mark bit", TestService(endpoints: ["10.10.2.5"]),
      configure: { options, _ in options.masqueradeBit = 31 },
      ways: [Way(.outside, "10.200.1.16:80", .tcp, "10.10.2.5:8080 masqueraded")]),
  ]

  static let outside = [
    WalkCase(
      "node port", TestService(ports: [TestPort(nodePort: 30080)], endpoints: two),
      ways: [
        Way(.outside, "172.18.0.3:30080", .tcp, "10.10.1.5:8080 masqueraded", "10.10.2.5:8080 masqueraded"),
        Way(.outside, "172.18.0.9:30080", .tcp, "10.10.1.5:8080 masqueraded", "10.10.2.5:8080 masqueraded"),
        Way(.pod, "172.18.0.3:30080", .tcp, "10.10.1.5:8080 masqueraded", "10.10.2.5:8080 masqueraded"),
        Way(.endpoint, "172.18.0.3:30080", .tcp, "10.10.1.5:8080 masqueraded", "10.10.2.5:8080 masqueraded"),
        Way(.node, "172.18.0.3:30080", .tcp, "10.10.1.5:8080 masqueraded", "10.10.2.5:8080 masqueraded"),
        Way(.outside, "172.18.0.4:30080", .tcp, "untouched"), Way(.outside, "172.18.0.3:30081", .tcp, "untouched"),
        Way(.outside, "172.18.0.3:30080", .udp, "untouched"),
      ]),
    WalkCase(
      "node ports on one address", TestService(ports: [TestPort(nodePort: 30080)], endpoints: ["10.10.2.5"]),
      configure: { options, text in
        options.nodePortAddresses = .only([text.address("172.18.0.3")], loopback: false)
      },
      ways: [
        Way(.outside, "172.18.0.3:30080", .tcp, "10.10.2.5:8080 masqueraded"),
        Way(.outside, "172.18.0.9:30080", .tcp, "untouched"), Way(.loopback, "127.0.0.1:30080", .tcp, "untouched"),
      ]),
    WalkCase(
      "node port without endpoints", TestService(ports: [TestPort(nodePort: 30080)]),
      ways: [
        Way(.outside, "172.18.0.3:30080", .tcp, "rejected"), Way(.pod, "172.18.0.3:30080", .tcp, "rejected"),
        Way(.outside, "172.18.0.4:30080", .tcp, "untouched"),
      ]),
    WalkCase(
      "external IP", TestService(externalIPs: ["198.51.100.1"], endpoints: two),
      ways: [
        Way(.outside, "198.51.100.1:80", .tcp, "10.10.1.5:8080 masqueraded", "10.10.2.5:8080 masqueraded"),
        Way(.pod, "198.51.100.1:80", .tcp, "10.10.1.5:8080 masqueraded", "10.10.2.5:8080 masqueraded"),
        Way(.outside, "198.51.100.1:81", .tcp, "untouched"),
      ]),
    WalkCase(
      "external IPs that are not trusted", TestService(externalIPs: ["198.51.100.1"], endpoints: two),
      configure: { options, _ in options.ignoreExternalIPs = true },
      ways: [
        Way(.outside, "198.51.100.1:80", .tcp, "untouched"),
        Way(.pod, "10.200.1.16:80", .tcp, "10.10.1.5:8080", "10.10.2.5:8080"),
      ]),
    WalkCase(
      "outside addresses without endpoints", TestService(externalIPs: ["198.51.100.1"], ingress: ["203.0.113.1"]),
      ways: [
        Way(.outside, "198.51.100.1:80", .tcp, "rejected"), Way(.pod, "203.0.113.1:80", .tcp, "rejected"),
        Way(.outside, "203.0.113.1:80", .tcp, "rejected"), Way(.outside, "203.0.113.1:81", .tcp, "untouched"),
      ]),
    WalkCase(
      "load balancer", TestService(ingress: ["203.0.113.1"], endpoints: two),
      ways: [
        Way(.outside, "203.0.113.1:80", .tcp, "10.10.1.5:8080 masqueraded", "10.10.2.5:8080 masqueraded"),
        Way(.pod, "203.0.113.1:80", .tcp, "10.10.1.5:8080 masqueraded", "10.10.2.5:8080 masqueraded"),
      ]),
    WalkCase(
      "source ranges", TestService(ingress: ["203.0.113.1"], sourceRanges: ["192.0.2.0/24"], endpoints: ["10.10.2.5"]),
      ways: [
        Way(.outside, "203.0.113.1:80", .tcp, "10.10.2.5:8080 masqueraded"),
        Way(.pod, "203.0.113.1:80", .tcp, "dropped"), Way(.node, "203.0.113.1:80", .tcp, "dropped"),
        Way(.nodeAddress("203.0.113.1"), "203.0.113.1:80", .tcp, "dropped"),
        Way(.pod, "10.200.1.16:80", .tcp, "10.10.2.5:8080"),
      ]),
    WalkCase(
      "source ranges with the node in them: also from the load balancer's address, if a node has it",
      TestService(ingress: ["203.0.113.1"], sourceRanges: ["172.18.0.0/16"], endpoints: ["10.10.2.5"]),
      ways: [
        Way(.node, "203.0.113.1:80", .tcp, "10.10.2.5:8080 masqueraded"),
        Way(.nodeAddress("203.0.113.1"), "203.0.113.1:80", .tcp, "10.10.2.5:8080 masqueraded"),
        Way(.outside, "203.0.113.1:80", .tcp, "dropped"),
      ]),
    WalkCase(
      "source ranges of which none can be read let nobody in",
      TestService(ingress: ["203.0.113.1"], hasUnreadableSourceRanges: true, endpoints: ["10.10.2.5"]),
      ways: [
        Way(.outside, "203.0.113.1:80", .tcp, "dropped"), Way(.pod, "203.0.113.1:80", .tcp, "dropped"),
        Way(.node, "203.0.113.1:80", .tcp, "dropped"), Way(.pod, "10.200.1.16:80", .tcp, "10.10.2.5:8080"),
      ]),
    WalkCase(
      "source ranges of which some can be read let these in",
      TestService(
        ingress: ["203.0.113.1"], sourceRanges: ["192.0.2.0/24"], hasUnreadableSourceRanges: true,
        endpoints: ["10.10.2.5"]),
      ways: [
        Way(.outside, "203.0.113.1:80", .tcp, "10.10.2.5:8080 masqueraded"),
        Way(.pod, "203.0.113.1:80", .tcp, "dropped"),
      ]),
    WalkCase(
      "a source range of everybody",
      TestService(ingress: ["203.0.113.1"], sourceRanges: ["198.18.0.0/16", "0.0.0.0/0"], endpoints: ["10.10.2.5"]),
      ways: [Way(.outside, "203.0.113.1:80", .tcp, "10.10.2.5:8080 masqueraded")]),
  ]

  @Test(arguments: clusterIPs + outside, IPFamily.allCases)
  func `packets`(_ example: WalkCase, _ family: IPFamily) {
    for dispatch in DispatchMode.allCases { example.check(family, dispatch) }
  }

  struct Loopback: Sendable {
    let family: IPFamily
    let localhost: Bool
    let accounting: Bool
    let result: String
  }

  @Test(arguments: [
    Loopback(family: .ipv4, localhost: true, accounting: false, result: "10.10.2.5:8080 masqueraded"),
    Loopback(family: .ipv4, localhost: true, accounting: true, result: "10.10.2.5:8080 masqueraded"),
    Loopback(family: .ipv4, localhost: false, accounting: true, result: "untouched"),
    Loopback(family: .ipv6, localhost: true, accounting: true, result: "untouched"),
    Loopback(family: .ipv6, localhost: false, accounting: false, result: "untouched"),
  ])
  func `node port on loopback`(_ example: Loopback) {
    let service = TestService(ports: [TestPort(nodePort: 30080)], endpoints: ["10.10.2.5"])
    let walk = WalkCase(
      "loopback", service,
      configure: { options, _ in
        options.localhostNodePorts = example.localhost
        options.features.accounting = example.accounting
      }, ways: [Way(.loopback, "127.0.0.1:30080", .tcp, example.result)])
    for dispatch in DispatchMode.allCases { walk.check(example.family, dispatch) }
  }
}
