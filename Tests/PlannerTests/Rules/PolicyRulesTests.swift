import IPTables
import ServiceModel
import Testing

@testable import Planner

/// Internal and external traffic policy together. Addresses: see `FamilyText`.
@Suite(.timeLimit(.minutes(5))) struct PolicyRulesTests {
  private static let web = WebRules()

  private static func service(_ internal: TrafficPolicy, _ external: TrafficPolicy, _ endpoints: String...)
    -> TestService
  {
    TestService(
      ports: [TestPort(nodePort: 30080)], internal: `internal`, external: external, endpoints: endpoints)
  }

  static let cases = [
    RuleCase(
      "internal Local, external Cluster: both choices have a chain",
      service(.local, .cluster, "10.10.1.5", "10.10.2.5"),
      rules: """
        \(web.external)
        \(web.either("10.10.1.5", or: "10.10.2.5"))
        \(web.masquerade(in: "KUBE-SVL-web"))
        \(web.only("10.10.1.5", in: "KUBE-SVL-web"))
        \(web.endpoints("10.10.1.5", "10.10.2.5"))
        \(web.clusterIP(to: "KUBE-SVL-web"))
        \(web.nodePort)
        """),
    RuleCase(
      "internal Local, external Cluster, none here: only the cluster IP is dropped",
      service(.local, .cluster, "10.10.2.5"),
      rules: """
        \(web.external)
        \(web.only("10.10.2.5"))
        \(web.endpoints("10.10.2.5"))
        \(web.closedClusterIP("no local endpoints", "DROP"))
        \(web.nodePort)
        """),
    RuleCase(
      "both Local: one choice for both, the other for the short cuts",
      service(.local, .local, "10.10.1.5", "10.10.2.5"),
      rules: """
        \(web.podShortCut)
        \(web.hostShortCut)
        nat KUBE-EXT-web -j KUBE-SVL-web
        \(web.either("10.10.1.5", or: "10.10.2.5"))
        \(web.masquerade(in: "KUBE-SVL-web"))
        \(web.only("10.10.1.5", in: "KUBE-SVL-web"))
        \(web.endpoints("10.10.1.5", "10.10.2.5"))
        \(web.clusterIP(to: "KUBE-SVL-web"))
        \(web.nodePort)
        """),
    RuleCase(
      "both Local, none here: both are dropped, the short cuts stay", service(.local, .local, "10.10.2.5"),
      rules: """
        \(web.podShortCut)
        \(web.hostShortCut)
        \(web.only("10.10.2.5"))
        \(web.endpoints("10.10.2.5"))
        \(web.closedClusterIP("no local endpoints", "DROP"))
        \(web.closedNodePort("no local endpoints", "DROP"))
        \(web.nodePort)
        """),
    RuleCase(
      "both Local, none at all: both are refused", service(.local, .local),
      rules: """
        \(web.closedClusterIP("no endpoints", "REJECT"))
        \(web.closedNodePort("no endpoints", "REJECT"))
        """),
    RuleCase(
      "external Local without an outside address has no effect",
      TestService(external: .local, endpoints: ["10.10.2.5"]),
      rules: """
        \(web.masquerade())
        \(web.only("10.10.2.5"))
        \(web.endpoints("10.10.2.5"))
        \(web.clusterIP())
        """),
  ]

  @Test(arguments: cases, IPFamily.allCases) func `rules`(_ example: RuleCase, _ family: IPFamily) {
    example.check(family)
  }
}
