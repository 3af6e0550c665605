import IPTables
import ServiceModel
import Testing

@testable import Planner

/// External IPs and load balancers. Addresses: see `FamilyText`.
@Suite(.timeLimit(.minutes(5))) struct ExternalRulesTests {
  private static let web = WebRules()

  /// The rules of a load balancer without source ranges.
  private static let openLoadBalancer = """
    \(web.external)
    \(web.masquerade())
    \(web.only("10.10.1.5"))
    \(web.endpoints("10.10.1.5"))
    \(web.clusterIP())
    nat KUBE-SERVICES -m comment --comment "default/web loadbalancer IP" -m tcp -p tcp -d 203.0.113.1 --dport 80 -j KUBE-EXT-web
    """

  static let cases = [
    RuleCase(
      "load balancer open to all: to the same chain as node ports",
      TestService(ingress: ["203.0.113.1"], endpoints: ["10.10.1.5"]),
      rules: openLoadBalancer),
    RuleCase(
      "source ranges: a firewall chain, and a drop for what it did not translate",
      TestService(
        ingress: ["203.0.113.1"], sourceRanges: ["192.0.2.0/24", "198.18.0.0/16"], endpoints: ["10.10.1.5"]),
      rules: """
        \(web.external)
        nat KUBE-FW-web -m comment --comment "default/web loadbalancer IP" -s 192.0.2.0/24 -j KUBE-EXT-web
        nat KUBE-FW-web -m comment --comment "default/web loadbalancer IP" -s 198.18.0.0/16 -j KUBE-EXT-web
        nat KUBE-FW-web -m comment --comment "other traffic to default/web will be dropped by KUBE-PROXY-FIREWALL"
        \(web.masquerade())
        \(web.only("10.10.1.5"))
        \(web.endpoints("10.10.1.5"))
        filter KUBE-PROXY-FIREWALL -m comment --comment "default/web traffic not accepted by KUBE-FW-web" -m tcp -p tcp -d 203.0.113.1 --dport 80 -j DROP
        \(web.clusterIP())
        nat KUBE-SERVICES -m comment --comment "default/web loadbalancer IP" -m tcp -p tcp -d 203.0.113.1 --dport 80 -j KUBE-FW-web
        """),
    RuleCase(
      "the node's own address is in a range: it asks from the load balancer's address as well",
      TestService(ingress: ["203.0.113.1", "203.0.113.2"], sourceRanges: ["172.18.0.0/16"], endpoints: ["10.10.1.5"]),
      rules: """
        \(web.external)
        nat KUBE-FW-web -m comment --comment "default/web loadbalancer IP" -s 172.18.0.0/16 -j KUBE-EXT-web
        nat KUBE-FW-web -m comment --comment "default/web loadbalancer IP" -s 203.0.113.1 -j KUBE-EXT-web
        nat KUBE-FW-web -m comment --comment "default/web loadbalancer IP" -s 203.0.113.2 -j KUBE-EXT-web
        nat KUBE-FW-web -m comment --comment "other traffic to default/web will be dropped by KUBE-PROXY-FIREWALL"
        \(web.masquerade())
        \(web.only("10.10.1.5"))
        \(web.endpoints("10.10.1.5"))
        filter KUBE-PROXY-FIREWALL -m comment --comment "default/web traffic not accepted by KUBE-FW-web" -m tcp -p tcp -d 203.0.113.1 --dport 80 -j DROP
        filter KUBE-PROXY-FIREWALL -m comment --comment "default/web traffic not accepted by KUBE-FW-web" -m tcp -p tcp -d 203.0.113.2 --dport 80 -j DROP
        \(web.clusterIP())
        nat KUBE-SERVICES -m comment --comment "default/web loadbalancer IP" -m tcp -p tcp -d 203.0.113.1 --dport 80 -j KUBE-FW-web
        nat KUBE-SERVICES -m comment --comment "default/web loadbalancer IP" -m tcp -p tcp -d 203.0.113.2 --dport 80 -j KUBE-FW-web
        """),
    RuleCase(
      "a range of all addresses is no range",
      TestService(
        ingress: ["203.0.113.1"], sourceRanges: ["192.0.2.0/24", "0.0.0.0/0"], endpoints: ["10.10.1.5"]),
      rules: openLoadBalancer),
    RuleCase(
      "load balancer without endpoints: refused, ranges or not",
      TestService(ingress: ["203.0.113.1"], sourceRanges: ["192.0.2.0/24"]),
      rules: """
        \(web.closedClusterIP("no endpoints", "REJECT"))
        filter KUBE-EXTERNAL-SERVICES -m comment --comment "default/web has no endpoints" -m tcp -p tcp -d 203.0.113.1 --dport 80 -j REJECT
        """),
    RuleCase(
      "source ranges and policy Local without an endpoint here",
      TestService(
        ingress: ["203.0.113.1"], sourceRanges: ["192.0.2.0/24"], external: .local, endpoints: ["10.10.2.5"]),
      rules: """
        \(web.podShortCut)
        \(web.hostShortCut)
        nat KUBE-FW-web -m comment --comment "default/web loadbalancer IP" -s 192.0.2.0/24 -j KUBE-EXT-web
        nat KUBE-FW-web -m comment --comment "other traffic to default/web will be dropped by KUBE-PROXY-FIREWALL"
        \(web.masquerade())
        \(web.only("10.10.2.5"))
        \(web.endpoints("10.10.2.5"))
        filter KUBE-EXTERNAL-SERVICES -m comment --comment "default/web has no local endpoints" -m tcp -p tcp -d 203.0.113.1 --dport 80 -j DROP
        filter KUBE-PROXY-FIREWALL -m comment --comment "default/web traffic not accepted by KUBE-FW-web" -m tcp -p tcp -d 203.0.113.1 --dport 80 -j DROP
        \(web.clusterIP())
        nat KUBE-SERVICES -m comment --comment "default/web loadbalancer IP" -m tcp -p tcp -d 203.0.113.1 --dport 80 -j KUBE-FW-web
        """),
    RuleCase(
      "external IPs, one of them twice: one rule each",
      TestService(externalIPs: ["198.51.100.1", "198.51.100.2", "198.51.100.1"], endpoints: ["10.10.1.5"]),
      rules: """
        \(web.external)
        \(web.masquerade())
        \(web.only("10.10.1.5"))
        \(web.endpoints("10.10.1.5"))
        \(web.clusterIP())
        nat KUBE-SERVICES -m comment --comment "default/web external IP" -m tcp -p tcp -d 198.51.100.1 --dport 80 -j KUBE-EXT-web
        nat KUBE-SERVICES -m comment --comment "default/web external IP" -m tcp -p tcp -d 198.51.100.2 --dport 80 -j KUBE-EXT-web
        """),
    RuleCase(
      "external IP, policy Local, endpoints here and there",
      TestService(externalIPs: ["198.51.100.1"], external: .local, endpoints: ["10.10.1.5", "10.10.2.5"]),
      rules: """
        \(web.podShortCut)
        \(web.hostShortCut)
        nat KUBE-EXT-web -j KUBE-SVL-web
        \(web.masquerade())
        \(web.either("10.10.1.5", or: "10.10.2.5"))
        \(web.only("10.10.1.5", in: "KUBE-SVL-web"))
        \(web.endpoints("10.10.1.5", "10.10.2.5"))
        \(web.clusterIP())
        nat KUBE-SERVICES -m comment --comment "default/web external IP" -m tcp -p tcp -d 198.51.100.1 --dport 80 -j KUBE-EXT-web
        """),
    RuleCase(
      "external IP, policy Local, no endpoint here",
      TestService(externalIPs: ["198.51.100.1"], external: .local, endpoints: ["10.10.2.5"]),
      rules: """
        \(web.podShortCut)
        \(web.hostShortCut)
        \(web.masquerade())
        \(web.only("10.10.2.5"))
        \(web.endpoints("10.10.2.5"))
        filter KUBE-EXTERNAL-SERVICES -m comment --comment "default/web has no local endpoints" -m tcp -p tcp -d 198.51.100.1 --dport 80 -j DROP
        \(web.clusterIP())
        nat KUBE-SERVICES -m comment --comment "default/web external IP" -m tcp -p tcp -d 198.51.100.1 --dport 80 -j KUBE-EXT-web
        """),
    RuleCase(
      "external IP without endpoints", TestService(externalIPs: ["198.51.100.1"]),
      rules: """
        \(web.closedClusterIP("no endpoints", "REJECT"))
        filter KUBE-EXTERNAL-SERVICES -m comment --comment "default/web has no endpoints" -m tcp -p tcp -d 198.51.100.1 --dport 80 -j REJECT
        """),
    RuleCase(
      "external IPs are left out where they are not trusted; load balancers stay",
      TestService(externalIPs: ["198.51.100.1"], ingress: ["203.0.113.1"], endpoints: ["10.10.1.5"]),
      configure: { options, _ in options.ignoreExternalIPs = true },
      rules: openLoadBalancer),
    RuleCase(
      "one address of two Services' different ports",
      TestService(
        name: "one", clusterIP: "10.200.1.1", ports: [TestPort(port: 80)], ingress: ["203.0.113.1"],
        endpoints: ["10.10.1.5"]),
      TestService(
        name: "two", clusterIP: "10.200.1.2", ports: [TestPort(port: 443)], ingress: ["203.0.113.1"],
        endpoints: ["10.10.1.6"]),
      rules: """
        nat KUBE-EXT-one -m comment --comment "masquerade traffic for default/one external destinations" -j KUBE-MARK-MASQ
        nat KUBE-EXT-one -j KUBE-SVC-one
        nat KUBE-SVC-one -m comment --comment "default/one cluster IP" -m tcp -p tcp -d 10.200.1.1 --dport 80 ! -s 10.10.0.0/16 -j KUBE-MARK-MASQ
        nat KUBE-SVC-one -m comment --comment "default/one -> 10.10.1.5:8080" -j KUBE-SEP-one/10.10.1.5:8080
        nat KUBE-SEP-one/10.10.1.5:8080 -m comment --comment default/one -s 10.10.1.5 -j KUBE-MARK-MASQ
        nat KUBE-SEP-one/10.10.1.5:8080 -m comment --comment default/one -m tcp -p tcp -j DNAT --to-destination 10.10.1.5:8080
        nat KUBE-EXT-two -m comment --comment "masquerade traffic for default/two external destinations" -j KUBE-MARK-MASQ
        nat KUBE-EXT-two -j KUBE-SVC-two
        nat KUBE-SVC-two -m comment --comment "default/two cluster IP" -m tcp -p tcp -d 10.200.1.2 --dport 443 ! -s 10.10.0.0/16 -j KUBE-MARK-MASQ
        nat KUBE-SVC-two -m comment --comment "default/two -> 10.10.1.6:8080" -j KUBE-SEP-two/10.10.1.6:8080
        nat KUBE-SEP-two/10.10.1.6:8080 -m comment --comment default/two -s 10.10.1.6 -j KUBE-MARK-MASQ
        nat KUBE-SEP-two/10.10.1.6:8080 -m comment --comment default/two -m tcp -p tcp -j DNAT --to-destination 10.10.1.6:8080
        nat KUBE-SERVICES -m comment --comment "default/one cluster IP" -m tcp -p tcp -d 10.200.1.1 --dport 80 -j KUBE-SVC-one
        nat KUBE-SERVICES -m comment --comment "default/two cluster IP" -m tcp -p tcp -d 10.200.1.2 --dport 443 -j KUBE-SVC-two
        nat KUBE-SERVICES -m comment --comment "default/one loadbalancer IP" -m tcp -p tcp -d 203.0.113.1 --dport 80 -j KUBE-EXT-one
        nat KUBE-SERVICES -m comment --comment "default/two loadbalancer IP" -m tcp -p tcp -d 203.0.113.1 --dport 443 -j KUBE-EXT-two
        """),
  ]

  @Test(arguments: cases, IPFamily.allCases) func `rules`(_ example: RuleCase, _ family: IPFamily) {
    example.check(family)
  }
}
