import IPTables
import ServiceModel
import Testing

@testable import Planner

/// Finds Services that claim the same address. The Service that is reported as the winner must get the packets.
/// Services a, b, … have one endpoint each, 10.10.2.1, 10.10.2.2, …; other addresses: see `FamilyText`.
@Suite(.timeLimit(.minutes(5))) struct AddressClashTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let reason: String
    let services: [TestService]
    var configure: RuleCase.Configure = { _, _ in }
    /// All clashes in words.
    let clashes: [String]
    var ways: [Way] = []
    var testDescription: String { reason }
  }

  /// - Parameter letter: a letter of the alphabet.
  static func service(
    _ letter: Character, _ change: (inout TestService) -> Void = { _ in }
  ) -> TestService {
    let number = letter.asciiValue! - 96
    var service = TestService(name: String(letter), clusterIP: "10.200.1.\(number)", endpoints: ["10.10.2.\(number)"])
    change(&service)
    return service
  }

  private static let byName =
    "claims of the same kind are ordered by namespace, name and port name, and the first one wins"

  static let clashing: [Case] = [
    Case(
      reason: "external IP",
      services: [
        service("b") { $0.externalIPs = ["198.51.100.1"] }, service("a") { $0.externalIPs = ["198.51.100.1"] },
      ],
      clashes: [
        "198.51.100.1:80/TCP is claimed by default/a (external IP) and default/b (external IP); default/a wins: \(byName)"
      ], ways: [Way(.outside, "198.51.100.1:80", .tcp, "10.10.2.1:8080 masqueraded")]),
    Case(
      reason: "load-balancer IP, three Services",
      services: ["c", "a", "b"].map { service($0) { $0.ingress = ["203.0.113.1"] } },
      clashes: [
        "203.0.113.1:80/TCP is claimed by default/a (load-balancer IP), default/b (load-balancer IP) and "
          + "default/c (load-balancer IP); default/a wins: \(byName)"
      ], ways: [Way(.outside, "203.0.113.1:80", .tcp, "10.10.2.1:8080 masqueraded")]),
    Case(
      reason: "an external IP is another Service's load-balancer IP",
      services: [service("a") { $0.ingress = ["203.0.113.1"] }, service("b") { $0.externalIPs = ["203.0.113.1"] }],
      clashes: [
        "203.0.113.1:80/TCP is claimed by default/b (external IP) and default/a (load-balancer IP); default/b wins: "
          + "the rule for an external IP stands before the rule for a load-balancer IP"
      ], ways: [Way(.outside, "203.0.113.1:80", .tcp, "10.10.2.2:8080 masqueraded")]),
    Case(
      reason: "an external IP and a load-balancer IP are another Service's cluster IP",
      services: [
        service("c"), service("a") { $0.externalIPs = ["10.200.1.3"] }, service("b") { $0.ingress = ["10.200.1.3"] },
      ],
      clashes: [
        "10.200.1.3:80/TCP is claimed by default/c (cluster IP), default/a (external IP) and default/b "
          + "(load-balancer IP); default/c wins: the rule for a cluster IP stands before the rule for an external IP"
      ], ways: [Way(.pod, "10.200.1.3:80", .tcp, "10.10.2.3:8080")]),
    Case(
      reason: "cluster IP, as files may have it",
      services: [service("b") { $0.clusterIP = "10.200.1.1" }, service("a")],
      clashes: [
        "10.200.1.1:80/TCP is claimed by default/a (cluster IP) and default/b (cluster IP); default/a wins: \(byName)"
      ], ways: [Way(.pod, "10.200.1.1:80", .tcp, "10.10.2.1:8080")]),
    Case(
      reason: "node port",
      services: ["b", "a"].map { service($0) { $0.ports = [TestPort(nodePort: 30080)] } },
      clashes: [
        "node port 30080/TCP is claimed by default/a (node port) and default/b (node port); default/a wins: \(byName)"
      ],
      ways: [
        Way(.outside, "172.18.0.3:30080", .tcp, "10.10.2.1:8080 masqueraded"),
        Way(.outside, "172.18.0.9:30080", .tcp, "10.10.2.1:8080 masqueraded"),
      ]),
    Case(
      reason: "an external IP is the node's, and its port another Service's node port",
      services: [
        service("a") { $0.ports = [TestPort(nodePort: 30080)] },
        service("b") {
          $0.ports = [TestPort(port: 30080)]
          $0.externalIPs = ["172.18.0.3"]
        },
      ],
      clashes: [
        "172.18.0.3:30080/TCP is claimed by default/b (external IP) and default/a (node port); default/b wins: "
          + "the rule for an external IP stands before the rule for a node port"
      ],
      ways: [
        Way(.outside, "172.18.0.3:30080", .tcp, "10.10.2.2:8080 masqueraded"),
        Way(.outside, "172.18.0.9:30080", .tcp, "10.10.2.1:8080 masqueraded"),
      ]),
    Case(
      reason: "address translation comes before refusals, whatever the names",
      services: [
        service("a") {
          $0.externalIPs = ["198.51.100.1"]
          $0.endpoints = []
        }, service("b") { $0.externalIPs = ["198.51.100.1"] },
      ],
      clashes: [
        "198.51.100.1:80/TCP is claimed by default/b (external IP) and default/a (external IP); default/b wins: "
          + "default/a has no endpoint"
      ], ways: [Way(.outside, "198.51.100.1:80", .tcp, "10.10.2.2:8080 masqueraded")]),
    Case(
      reason: "even a cluster IP gives way when there is no endpoint on this node",
      services: [
        service("a") { $0.internal = .local }, service("b") { $0.externalIPs = ["10.200.1.1"] },
      ],
      clashes: [
        "10.200.1.1:80/TCP is claimed by default/b (external IP) and default/a (cluster IP); default/b wins: "
          + "default/a has no endpoint on this node"
      ], ways: [Way(.pod, "10.200.1.1:80", .tcp, "10.10.2.2:8080 masqueraded")]),
    Case(
      reason: "nobody has an endpoint: a cluster IP's refusal comes first",
      services: [
        service("a") {
          $0.externalIPs = ["10.200.1.2"]
          $0.endpoints = []
        }, service("b") { $0.endpoints = [] },
      ],
      clashes: [
        "10.200.1.2:80/TCP is claimed by default/b (cluster IP) and default/a (external IP); default/b wins: "
          + "none of these Services has an endpoint for this node, so connections are refused"
      ], ways: [Way(.pod, "10.200.1.2:80", .tcp, "rejected")]),
    Case(
      reason: "whom the winner's source ranges keep out, the next one gets",
      services: [
        service("a") {
          $0.ingress = ["203.0.113.1"]
          $0.sourceRanges = ["192.0.2.0/24"]
        }, service("b") { $0.ingress = ["203.0.113.1"] },
      ],
      clashes: [
        "203.0.113.1:80/TCP is claimed by default/a (load-balancer IP) and default/b (load-balancer IP); default/a wins: "
          + "\(byName); clients outside of the winner's loadBalancerSourceRanges reach default/b instead"
      ],
      ways: [
        Way(.outside, "203.0.113.1:80", .tcp, "10.10.2.1:8080 masqueraded"),
        Way(.pod, "203.0.113.1:80", .tcp, "10.10.2.2:8080 masqueraded"),
      ]),
    Case(
      reason: "external policy Local without an endpoint here lets clients outside go on",
      services: [
        service("a") {
          $0.externalIPs = ["198.51.100.1"]
          $0.external = .local
        }, service("b") { $0.externalIPs = ["198.51.100.1"] },
      ],
      clashes: [
        "198.51.100.1:80/TCP is claimed by default/a (external IP) and default/b (external IP); default/a wins: \(byName); "
          + "clients from outside of the cluster (the winner has externalTrafficPolicy Local and no endpoint here) "
          + "reach default/b instead"
      ],
      ways: [
        Way(.outside, "198.51.100.1:80", .tcp, "10.10.2.2:8080 masqueraded"),
        Way(.pod, "198.51.100.1:80", .tcp, "10.10.2.1:8080"),
      ]),
  ]

  static let peaceful: [Case] = [
    Case(
      reason: "another port",
      services: [
        service("a") { $0.externalIPs = ["198.51.100.1"] },
        service("b") {
          $0.ports = [TestPort(port: 81)]
          $0.externalIPs = ["198.51.100.1"]
        },
      ], clashes: []),
    Case(
      reason: "another protocol",
      services: [TransportProtocol.tcp, .udp, .sctp].enumerated().map { number, transport in
        service(["a", "b", "c"][number]) {
          $0.ports = [TestPort(transport: transport, nodePort: 30080)]
          $0.externalIPs = ["198.51.100.1"]
        }
      }, clashes: []),
    Case(
      reason: "one Service has the address in both fields",
      services: [
        service("a") {
          $0.externalIPs = ["203.0.113.1", "203.0.113.1"]
          $0.ingress = ["203.0.113.1"]
        }
      ], clashes: []),
    Case(
      reason: "external IPs that are left out",
      services: ["a", "b"].map { service($0) { $0.externalIPs = ["198.51.100.1"] } },
      configure: { options, _ in options.ignoreExternalIPs = true }, clashes: []),
    Case(
      reason: "an external IP is the node's, and its port nobody's node port",
      services: [
        service("a") { $0.ports = [TestPort(nodePort: 30081)] }, service("b") { $0.externalIPs = ["172.18.0.3"] },
      ], clashes: []),
  ]

  @Test(arguments: clashing + peaceful, IPFamily.allCases)
  func `the winner that is named gets the packets`(_ example: Case, _ family: IPFamily) {
    for dispatch in DispatchMode.allCases {
      let cluster = TestCluster(example.services, family, dispatch: dispatch, example.configure)
      #expect(cluster.plan.clashes.map(\.description) == example.clashes.map { cluster.text($0) })
      let walker = Walker(cluster)
      for way in example.ways {
        #expect(Set(walker.results(way).keys) == Set(way.results.map { cluster.text($0) }), "\(way)")
      }
    }
  }

  @Test func `many claims are counted`() throws {
    let services = "abcdefghijk".map { letter in Self.service(letter) { $0.externalIPs = ["198.51.100.1"] } }
    let clash = try #require(TestCluster(services, .ipv4).plan.clashes.first)
    #expect(clash.claims.count == 11)
    #expect(clash.description.contains("default/h (external IP) and 3 more; default/a wins: "))
    #expect(clash.losers.hasSuffix("default/i (external IP) and 2 more"))
  }
}
