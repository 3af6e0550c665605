import IPTables
import ServiceModel
import Testing

@testable import Planner

/// Addresses: see `FamilyText`.
@Suite(.timeLimit(.minutes(5))) struct ClusterIPRulesTests {
  private static let web = WebRules()

  static let cases = [
    RuleCase(
      "two endpoints: a client that is no pod is masqueraded, an endpoint that meets itself as well",
      TestService(endpoints: ["10.10.1.5", "10.10.2.5"]),
      rules: """
        nat KUBE-SVC-web -m comment --comment "default/web cluster IP" -m tcp -p tcp -d 10.200.1.16 --dport 80 ! -s 10.10.0.0/16 -j KUBE-MARK-MASQ
        nat KUBE-SVC-web -m comment --comment "default/web -> 10.10.1.5:8080" -m statistic --mode random --probability 0.5000000000 -j KUBE-SEP-web/10.10.1.5:8080
        nat KUBE-SVC-web -m comment --comment "default/web -> 10.10.2.5:8080" -j KUBE-SEP-web/10.10.2.5:8080
        nat KUBE-SEP-web/10.10.1.5:8080 -m comment --comment default/web -s 10.10.1.5 -j KUBE-MARK-MASQ
        nat KUBE-SEP-web/10.10.1.5:8080 -m comment --comment default/web -m tcp -p tcp -j DNAT --to-destination 10.10.1.5:8080
        nat KUBE-SEP-web/10.10.2.5:8080 -m comment --comment default/web -s 10.10.2.5 -j KUBE-MARK-MASQ
        nat KUBE-SEP-web/10.10.2.5:8080 -m comment --comment default/web -m tcp -p tcp -j DNAT --to-destination 10.10.2.5:8080
        nat KUBE-SERVICES -m comment --comment "default/web cluster IP" -m tcp -p tcp -d 10.200.1.16 --dport 80 -j KUBE-SVC-web
        """),
    RuleCase(
      "named ports of every protocol, one number for TCP and UDP",
      TestService(
        name: "dns",
        ports: [
          TestPort(name: "udp", transport: .udp, port: 53, target: 5353),
          TestPort(name: "tcp", transport: .tcp, port: 53, target: 5353),
          TestPort(name: "sctp", transport: .sctp, port: 3868, target: 3868),
        ], endpoints: ["10.10.1.5"]),
      rules: """
        nat KUBE-SVC-dns:udp -m comment --comment "default/dns:udp cluster IP" -m udp -p udp -d 10.200.1.16 --dport 53 ! -s 10.10.0.0/16 -j KUBE-MARK-MASQ
        nat KUBE-SVC-dns:udp -m comment --comment "default/dns:udp -> 10.10.1.5:5353" -j KUBE-SEP-dns:udp/10.10.1.5:5353
        nat KUBE-SEP-dns:udp/10.10.1.5:5353 -m comment --comment default/dns:udp -s 10.10.1.5 -j KUBE-MARK-MASQ
        nat KUBE-SEP-dns:udp/10.10.1.5:5353 -m comment --comment default/dns:udp -m udp -p udp -j DNAT --to-destination 10.10.1.5:5353
        nat KUBE-SVC-dns:tcp -m comment --comment "default/dns:tcp cluster IP" -m tcp -p tcp -d 10.200.1.16 --dport 53 ! -s 10.10.0.0/16 -j KUBE-MARK-MASQ
        nat KUBE-SVC-dns:tcp -m comment --comment "default/dns:tcp -> 10.10.1.5:5353" -j KUBE-SEP-dns:tcp/10.10.1.5:5353
        nat KUBE-SEP-dns:tcp/10.10.1.5:5353 -m comment --comment default/dns:tcp -s 10.10.1.5 -j KUBE-MARK-MASQ
        nat KUBE-SEP-dns:tcp/10.10.1.5:5353 -m comment --comment default/dns:tcp -m tcp -p tcp -j DNAT --to-destination 10.10.1.5:5353
        nat KUBE-SVC-dns:sctp -m comment --comment "default/dns:sctp cluster IP" -m sctp -p sctp -d 10.200.1.16 --dport 3868 ! -s 10.10.0.0/16 -j KUBE-MARK-MASQ
        nat KUBE-SVC-dns:sctp -m comment --comment "default/dns:sctp -> 10.10.1.5:3868" -j KUBE-SEP-dns:sctp/10.10.1.5:3868
        nat KUBE-SEP-dns:sctp/10.10.1.5:3868 -m comment --comment default/dns:sctp -s 10.10.1.5 -j KUBE-MARK-MASQ
        nat KUBE-SEP-dns:sctp/10.10.1.5:3868 -m comment --comment default/dns:sctp -m sctp -p sctp -j DNAT --to-destination 10.10.1.5:3868
        nat KUBE-SERVICES -m comment --comment "default/dns:tcp cluster IP" -m tcp -p tcp -d 10.200.1.16 --dport 53 -j KUBE-SVC-dns:tcp
        nat KUBE-SERVICES -m comment --comment "default/dns:udp cluster IP" -m udp -p udp -d 10.200.1.16 --dport 53 -j KUBE-SVC-dns:udp
        nat KUBE-SERVICES -m comment --comment "default/dns:sctp cluster IP" -m sctp -p sctp -d 10.200.1.16 --dport 3868 -j KUBE-SVC-dns:sctp
        """),
    RuleCase(
      "no endpoints: refused, and no chains", TestService(),
      rules: """
        \(web.closedClusterIP("no endpoints", "REJECT"))
        """),
    RuleCase(
      "three endpoints: each takes its part of what is left",
      TestService(endpoints: ["10.10.3.5", "10.10.1.5", "10.10.2.5"]),
      rules: """
        \(web.masquerade())
        nat KUBE-SVC-web -m comment --comment "default/web -> 10.10.1.5:8080" -m statistic --mode random --probability 0.3333333333 -j KUBE-SEP-web/10.10.1.5:8080
        \(web.either("10.10.2.5", or: "10.10.3.5"))
        \(web.endpoints("10.10.1.5", "10.10.2.5", "10.10.3.5"))
        \(web.clusterIP())
        """),
    RuleCase(
      "session affinity: lists are asked before chance, endpoints keep their clients' addresses",
      TestService(affinity: 10800, endpoints: ["10.10.1.5", "10.10.2.5"]),
      rules: """
        \(web.masquerade())
        nat KUBE-SVC-web -m comment --comment "default/web -> 10.10.1.5:8080" -m recent --name KUBE-SEP-web/10.10.1.5:8080 --rcheck --seconds 10800 --reap -j KUBE-SEP-web/10.10.1.5:8080
        nat KUBE-SVC-web -m comment --comment "default/web -> 10.10.2.5:8080" -m recent --name KUBE-SEP-web/10.10.2.5:8080 --rcheck --seconds 10800 --reap -j KUBE-SEP-web/10.10.2.5:8080
        \(web.either("10.10.1.5", or: "10.10.2.5"))
        nat KUBE-SEP-web/10.10.1.5:8080 -m comment --comment default/web -s 10.10.1.5 -j KUBE-MARK-MASQ
        nat KUBE-SEP-web/10.10.1.5:8080 -m comment --comment default/web -m recent --name KUBE-SEP-web/10.10.1.5:8080 --set -m tcp -p tcp -j DNAT --to-destination 10.10.1.5:8080
        nat KUBE-SEP-web/10.10.2.5:8080 -m comment --comment default/web -s 10.10.2.5 -j KUBE-MARK-MASQ
        nat KUBE-SEP-web/10.10.2.5:8080 -m comment --comment default/web -m recent --name KUBE-SEP-web/10.10.2.5:8080 --set -m tcp -p tcp -j DNAT --to-destination 10.10.2.5:8080
        \(web.clusterIP())
        """),
    RuleCase(
      "internal policy Local: only the endpoints of this node, chosen in the chain for Local",
      TestService(internal: .local, endpoints: ["10.10.1.5", "10.10.2.5"]),
      rules: """
        \(web.masquerade(in: "KUBE-SVL-web"))
        \(web.only("10.10.1.5", in: "KUBE-SVL-web"))
        \(web.endpoints("10.10.1.5"))
        \(web.clusterIP(to: "KUBE-SVL-web"))
        """),
    RuleCase(
      "internal policy Local without an endpoint here: dropped, as another node could answer",
      TestService(internal: .local, endpoints: ["10.10.2.5"]),
      rules: """
        \(web.closedClusterIP("no local endpoints", "DROP"))
        """),
    RuleCase(
      "internal policy Local without any endpoint: refused", TestService(internal: .local),
      rules: """
        \(web.closedClusterIP("no endpoints", "REJECT"))
        """),
    RuleCase(
      "pods cannot be told: nobody is masqueraded but a pod that meets itself", TestService(endpoints: ["10.10.1.5"]),
      configure: { options, _ in options.localTraffic = .unknown },
      rules: """
        \(web.only("10.10.1.5"))
        \(web.endpoints("10.10.1.5"))
        \(web.clusterIP())
        """),
    masqueradeCase("masqueradeAll: whoever asks is masqueraded", of: "") { options, _ in options.masqueradeAll = true },
    masqueradeCase("pods are told by a bridge", of: "! -i cni0 ") { options, _ in
      options.localTraffic = .interface(InterfacePattern(name: "cni0", isPrefix: false)!)
    },
    masqueradeCase("pods are told by the start of their interfaces' names", of: "! -i veth+ ") { options, _ in
      options.localTraffic = .interface(InterfacePattern(name: "veth", isPrefix: true)!)
    },
  ]

  /// - Parameter clients: the match for the clients that are masqueraded.
  private static func masqueradeCase(
    _ reason: String, of clients: String, configure: @escaping RuleCase.Configure
  ) -> RuleCase {
    RuleCase(
      reason, TestService(endpoints: ["10.10.1.5"]), configure: configure,
      rules: """
        nat KUBE-SVC-web -m comment --comment "default/web cluster IP" -m tcp -p tcp -d 10.200.1.16 --dport 80 \(clients)-j KUBE-MARK-MASQ
        \(web.only("10.10.1.5"))
        \(web.endpoints("10.10.1.5"))
        \(web.clusterIP())
        """)
  }

  @Test(arguments: cases, IPFamily.allCases) func `rules`(_ example: RuleCase, _ family: IPFamily) {
    example.check(family)
  }

  @Test(arguments: IPFamily.allCases) func `a Service without a cluster IP of the family has no rules`(
    _ family: IPFamily
  ) {
    var cluster = TestCluster([], family)
    let other = FamilyText(family == .ipv4 ? .ipv6 : .ipv4)
    let service = TestService(
      ports: [TestPort(nodePort: 30080)], externalIPs: ["198.51.100.1"], endpoints: ["10.10.1.5"])
    var value = service.service(other)
    value.externalIPs.append(cluster.text.address("198.51.100.1"))
    var options = cluster.options
    options.dispatch = .flat
    cluster.add(service)
    let plans = ServicePlanner(options: options, isLargeCluster: false)
      .plan(value, slices: service.endpointSlices(cluster.text))
    #expect(plans == [])
    #expect(cluster.serviceRules != "", "the same Service with a cluster IP of the family has some")
  }
}
