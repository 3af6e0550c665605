import IPTables
import ServiceModel
import Testing

@testable import Planner

/// What `serviceSubnet` adds: packets to cluster IPs that do not exist are refused. Addresses: see `FamilyText`.
@Suite(.timeLimit(.minutes(5))) struct ServiceSubnetTests {
  private static let configure: RuleCase.Configure = { options, text in
    options.serviceSubnets = [text.cidr("10.200.0.0/16")]
  }

  private static let cases = [
    WalkCase(
      "refused unless it is a Service", TestService(endpoints: ["10.10.2.5"]), configure: configure,
      ways: [
        Way(.pod, "10.200.1.16:80", .tcp, "10.10.2.5:8080"), Way(.pod, "10.200.1.16:81", .tcp, "rejected"),
        Way(.pod, "10.200.1.16:80", .udp, "rejected"), Way(.pod, "10.200.1.17:80", .tcp, "rejected"),
        Way(.node, "10.200.1.17:80", .tcp, "rejected"), Way(.outside, "10.200.1.17:80", .tcp, "rejected"),
        Way(.pod, "10.201.1.17:80", .tcp, "untouched"), Way(.pod, "192.0.2.1:80", .tcp, "untouched"),
      ]),
    WalkCase(
      "a Service outside the subnet works all the same",
      TestService(clusterIP: "10.99.1.16", endpoints: ["10.10.2.5"]), configure: configure,
      ways: [
        Way(.pod, "10.99.1.16:80", .tcp, "10.10.2.5:8080"), Way(.pod, "10.99.1.16:81", .tcp, "untouched"),
        Way(.pod, "10.200.1.16:80", .tcp, "rejected"),
      ]),
    WalkCase(
      "no local endpoints: still dropped and not refused", TestService(internal: .local, endpoints: ["10.10.2.5"]),
      configure: configure,
      ways: [Way(.pod, "10.200.1.16:80", .tcp, "dropped"), Way(.pod, "10.200.1.16:81", .tcp, "rejected")]),
  ]

  @Test(arguments: cases, IPFamily.allCases) func `packets`(_ example: WalkCase, _ family: IPFamily) {
    for dispatch in DispatchMode.allCases { example.check(family, dispatch) }
  }

  @Test(arguments: IPFamily.allCases, DispatchMode.allCases)
  func `the refusal is the last rule of filter KUBE-SERVICES`(_ family: IPFamily, _ dispatch: DispatchMode) {
    let services = (0..<150).map { TestService(name: "s\($0)", clusterIP: "10.200.1.\($0)") }
    let cluster = TestCluster(services, family, dispatch: dispatch, Self.configure)
    let rules = cluster.rules(.filter, .services).split(separator: "\n").map(String.init)
    let refusal = #"-m comment --comment "no Service has this cluster IP and port" -d 10.200.0.0/16 -j REJECT"#
    #expect(rules.last == cluster.text(refusal))
    #expect(rules.count { $0.contains("no Service has") } == 1)
    #expect(rules.count == (dispatch == .flat ? 151 : 2))
    let without = TestCluster(services, family, dispatch: dispatch)
    #expect(!without.rules(.filter, .services).contains("no Service has"))
  }
}
