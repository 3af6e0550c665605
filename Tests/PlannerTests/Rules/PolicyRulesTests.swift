import IPTables
import ServiceModel
import Testing

@testable import Planner

/// Internal and external traffic policy together. Addresses: see `FamilyText`.
@Suite(.timeLimit(.minutes(5))) struct PolicyRulesTests {
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
        nat KUBE-EXT-web -m comment --comment "masquerade traffic for default/web external destinations" -j KUBE-MARK-MASQ
        nat KUBE-EXT-web -j KUBE-SVC-web
        nat KUBE-SVC-web -m comment --comment "default/web -> 10.10.1.5:8080" -m statistic --mode random --probability 0.5000000000 -j KUBE-SEP-web/10.10.1.5:8080
        nat KUBE-SVC-web -m comment --comment "default/web -> 10.10.2.5:8080" -j KUBE-SEP-web/10.10.2.5:8080
        nat KUBE-SVL-web -m comment --comment "default/web cluster IP" -m tcp -p tcp -d 10.200.1.16 --dport 80 ! -s 10.10.0.0/16 -j KUBE-MARK-MASQ
        nat KUBE-SVL-web -m comment --comment "default/web -> 10.10.1.5:8080" -j KUBE-SEP-web/10.10.1.5:8080
        nat KUBE-SEP-web/10.10.1.5:8080 -m comment --comment default/web -s 10.10.1.5 -j KUBE-MARK-MASQ
        nat KUBE-SEP-web/10.10.1.5:8080 -m comment --comment default/web -m tcp -p tcp -j DNAT --to-destination 10.10.1.5:8080
        nat KUBE-SEP-web/10.10.2.5:8080 -m comment --comment default/web -s 10.10.2.5 -j KUBE-MARK-MASQ
        nat KUBE-SEP-web/10.10.2.5:8080 -m comment --comment default/web -m tcp -p tcp -j DNAT --to-destination 10.10.2.5:8080
        nat KUBE-SERVICES -m comment --comment "default/web cluster IP" -m tcp -p tcp -d 10.200.1.16 --dport 80 -j KUBE-SVL-web
        nat KUBE-NODEPORTS -m comment --comment default/web -m tcp -p tcp --dport 30080 -j KUBE-EXT-web
        """),
    RuleCase(
      "internal Local, external Cluster, none here: only the cluster IP is dropped",
      service(.local, .cluster, "10.10.2.5"),
      rules: """
        nat KUBE-EXT-web -m comment --comment "masquerade traffic for default/web external destinations" -j KUBE-MARK-MASQ
        nat KUBE-EXT-web -j KUBE-SVC-web
        nat KUBE-SVC-web -m comment --comment "default/web -> 10.10.2.5:8080" -j KUBE-SEP-web/10.10.2.5:8080
        nat KUBE-SEP-web/10.10.2.5:8080 -m comment --comment default/web -s 10.10.2.5 -j KUBE-MARK-MASQ
        nat KUBE-SEP-web/10.10.2.5:8080 -m comment --comment default/web -m tcp -p tcp -j DNAT --to-destination 10.10.2.5:8080
        filter KUBE-SERVICES -m comment --comment "default/web has no local endpoints" -m tcp -p tcp -d 10.200.1.16 --dport 80 -j DROP
        nat KUBE-NODEPORTS -m comment --comment default/web -m tcp -p tcp --dport 30080 -j KUBE-EXT-web
        """),
    RuleCase(
      "both Local: one choice for both, the other for the short cuts",
      service(.local, .local, "10.10.1.5", "10.10.2.5"),
      rules: """
        nat KUBE-EXT-web -m comment --comment "pod traffic for default/web external destinations" -s 10.10.0.0/16 -j KUBE-SVC-web
        nat KUBE-EXT-web -m comment --comment "masquerade LOCAL traffic for default/web external destinations" -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ
        nat KUBE-EXT-web -m comment --comment "route LOCAL traffic for default/web external destinations" -m addrtype --src-type LOCAL -j KUBE-SVC-web
        nat KUBE-EXT-web -j KUBE-SVL-web
        nat KUBE-SVC-web -m comment --comment "default/web -> 10.10.1.5:8080" -m statistic --mode random --probability 0.5000000000 -j KUBE-SEP-web/10.10.1.5:8080
        nat KUBE-SVC-web -m comment --comment "default/web -> 10.10.2.5:8080" -j KUBE-SEP-web/10.10.2.5:8080
        nat KUBE-SVL-web -m comment --comment "default/web cluster IP" -m tcp -p tcp -d 10.200.1.16 --dport 80 ! -s 10.10.0.0/16 -j KUBE-MARK-MASQ
        nat KUBE-SVL-web -m comment --comment "default/web -> 10.10.1.5:8080" -j KUBE-SEP-web/10.10.1.5:8080
        nat KUBE-SEP-web/10.10.1.5:8080 -m comment --comment default/web -s 10.10.1.5 -j KUBE-MARK-MASQ
        nat KUBE-SEP-web/10.10.1.5:8080 -m comment --comment default/web -m tcp -p tcp -j DNAT --to-destination 10.10.1.5:8080
        nat KUBE-SEP-web/10.10.2.5:8080 -m comment --comment default/web -s 10.10.2.5 -j KUBE-MARK-MASQ
        nat KUBE-SEP-web/10.10.2.5:8080 -m comment --comment default/web -m tcp -p tcp -j DNAT --to-destination 10.10.2.5:8080
        nat KUBE-SERVICES -m comment --comment "default/web cluster IP" -m tcp -p tcp -d 10.200.1.16 --dport 80 -j KUBE-SVL-web
        nat KUBE-NODEPORTS -m comment --comment default/web -m tcp -p tcp --dport 30080 -j KUBE-EXT-web
        """),
    RuleCase(
      "both Local, none here: both are dropped, the short cuts stay", service(.local, .local, "10.10.2.5"),
      rules: """
        nat KUBE-EXT-web -m comment --comment "pod traffic for default/web external destinations" -s 10.10.0.0/16 -j KUBE-SVC-web
        nat KUBE-EXT-web -m comment --comment "masquerade LOCAL traffic for default/web external destinations" -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ
        nat KUBE-EXT-web -m comment --comment "route LOCAL traffic for default/web external destinations" -m addrtype --src-type LOCAL -j KUBE-SVC-web
        nat KUBE-SVC-web -m comment --comment "default/web -> 10.10.2.5:8080" -j KUBE-SEP-web/10.10.2.5:8080
        nat KUBE-SEP-web/10.10.2.5:8080 -m comment --comment default/web -s 10.10.2.5 -j KUBE-MARK-MASQ
        nat KUBE-SEP-web/10.10.2.5:8080 -m comment --comment default/web -m tcp -p tcp -j DNAT --to-destination 10.10.2.5:8080
        filter KUBE-SERVICES -m comment --comment "default/web has no local endpoints" -m tcp -p tcp -d 10.200.1.16 --dport 80 -j DROP
        filter KUBE-EXTERNAL-SERVICES -m comment --comment "default/web has no local endpoints" -m addrtype --dst-type LOCAL -m tcp -p tcp --dport 30080 -j DROP
        nat KUBE-NODEPORTS -m comment --comment default/web -m tcp -p tcp --dport 30080 -j KUBE-EXT-web
        """),
    RuleCase(
      "both Local, none at all: both are refused", service(.local, .local),
      rules: """
        filter KUBE-SERVICES -m comment --comment "default/web has no endpoints" -m tcp -p tcp -d 10.200.1.16 --dport 80 -j REJECT
        filter KUBE-EXTERNAL-SERVICES -m comment --comment "default/web has no endpoints" -m addrtype --dst-type LOCAL -m tcp -p tcp --dport 30080 -j REJECT
        """),
    RuleCase(
      "external Local without an outside address has no effect",
      TestService(external: .local, endpoints: ["10.10.2.5"]),
      rules: """
        nat KUBE-SVC-web -m comment --comment "default/web cluster IP" -m tcp -p tcp -d 10.200.1.16 --dport 80 ! -s 10.10.0.0/16 -j KUBE-MARK-MASQ
        nat KUBE-SVC-web -m comment --comment "default/web -> 10.10.2.5:8080" -j KUBE-SEP-web/10.10.2.5:8080
        nat KUBE-SEP-web/10.10.2.5:8080 -m comment --comment default/web -s 10.10.2.5 -j KUBE-MARK-MASQ
        nat KUBE-SEP-web/10.10.2.5:8080 -m comment --comment default/web -m tcp -p tcp -j DNAT --to-destination 10.10.2.5:8080
        nat KUBE-SERVICES -m comment --comment "default/web cluster IP" -m tcp -p tcp -d 10.200.1.16 --dport 80 -j KUBE-SVC-web
        """),
  ]

  @Test(arguments: cases, IPFamily.allCases) func `rules`(_ example: RuleCase, _ family: IPFamily) {
    example.check(family)
  }
}
