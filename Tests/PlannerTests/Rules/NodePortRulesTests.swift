import IPTables
import ServiceModel
import Testing

@testable import Planner

/// Addresses: see `FamilyText`.
@Suite(.timeLimit(.minutes(5))) struct NodePortRulesTests {
  private static let web = WebRules()
  private static let udp = WebRules(.udp)

  private static func service(
    _ external: TrafficPolicy = .cluster, _ endpoints: String..., transport: TransportProtocol = .tcp,
    healthCheck: UInt16? = nil
  ) -> TestService {
    TestService(
      ports: [TestPort(transport: transport, nodePort: 30080)], external: external, healthCheckNodePort: healthCheck,
      endpoints: endpoints)
  }

  static let cases: [RuleCase] =
    [
      RuleCase(
        "policy Cluster: whoever comes in is masqueraded, as the endpoint may be elsewhere",
        service(.cluster, "10.10.1.5", "10.10.2.5"),
        rules: """
          \(web.external)
          \(web.masquerade())
          \(web.either("10.10.1.5", or: "10.10.2.5"))
          \(web.endpoints("10.10.1.5", "10.10.2.5"))
          \(web.clusterIP())
          \(web.nodePort)
          """),
      RuleCase(
        "policy Local: short cuts for pods and for the host, the endpoint of this node for all others",
        service(.local, "10.10.1.5", "10.10.2.5"),
        rules: """
          \(web.podShortCut)
          \(web.hostShortCut)
          nat KUBE-EXT-web -j KUBE-SVL-web
          \(web.masquerade())
          \(web.either("10.10.1.5", or: "10.10.2.5"))
          \(web.only("10.10.1.5", in: "KUBE-SVL-web"))
          \(web.endpoints("10.10.1.5", "10.10.2.5"))
          \(web.clusterIP())
          \(web.nodePort)
          """),
      RuleCase(
        "policy Local without an endpoint here: short cuts stay, others are dropped", service(.local, "10.10.2.5"),
        rules: """
          \(web.podShortCut)
          \(web.hostShortCut)
          \(web.masquerade())
          \(web.only("10.10.2.5"))
          \(web.endpoints("10.10.2.5"))
          \(web.closedNodePort("no local endpoints", "DROP"))
          \(web.clusterIP())
          \(web.nodePort)
          """),
      RuleCase(
        "no endpoints: refused whatever the policy", service(.local),
        rules: """
          \(web.closedClusterIP("no endpoints", "REJECT"))
          \(web.closedNodePort("no endpoints", "REJECT"))
          """),
      RuleCase(
        "policy Local where pods cannot be told: no short cut for pods", service(.local, "10.10.1.5", "10.10.2.5"),
        configure: { options, _ in options.localTraffic = .unknown },
        rules: """
          \(web.hostShortCut)
          nat KUBE-EXT-web -j KUBE-SVL-web
          \(web.either("10.10.1.5", or: "10.10.2.5"))
          \(web.only("10.10.1.5", in: "KUBE-SVL-web"))
          \(web.endpoints("10.10.1.5", "10.10.2.5"))
          \(web.clusterIP())
          \(web.nodePort)
          """),
      RuleCase(
        "health-check node port: over TCP, whatever the Service speaks",
        service(.local, "10.10.1.5", transport: .udp, healthCheck: 31080),
        rules: """
          \(udp.podShortCut)
          \(udp.hostShortCut)
          nat KUBE-EXT-web -j KUBE-SVL-web
          \(udp.masquerade())
          \(udp.only("10.10.1.5"))
          \(udp.only("10.10.1.5", in: "KUBE-SVL-web"))
          \(udp.endpoints("10.10.1.5"))
          filter KUBE-NODEPORTS -m comment --comment "default/web health check node port" -m tcp -p tcp --dport 31080 -j ACCEPT
          \(udp.clusterIP())
          \(udp.nodePort)
          """),
      RuleCase(
        "health-check node port without endpoints: it still has to answer", service(.local, healthCheck: 31080),
        rules: """
          \(web.closedClusterIP("no endpoints", "REJECT"))
          \(web.closedNodePort("no endpoints", "REJECT"))
          filter KUBE-NODEPORTS -m comment --comment "default/web health check node port" -m tcp -p tcp --dport 31080 -j ACCEPT
          """),
    ] + [TransportProtocol.udp, .sctp].map(protocolCase)

  private static func protocolCase(_ transport: TransportProtocol) -> RuleCase {
    let web = WebRules(transport)
    return RuleCase(
      transport.rawValue, service(.cluster, "10.10.1.5", transport: transport),
      rules: """
        \(web.external)
        \(web.masquerade())
        \(web.only("10.10.1.5"))
        \(web.endpoints("10.10.1.5"))
        \(web.clusterIP())
        \(web.nodePort)
        """)
  }

  @Test(arguments: cases, IPFamily.allCases) func `rules`(_ example: RuleCase, _ family: IPFamily) {
    example.check(family)
  }

  struct Jump: Sendable, CustomTestStringConvertible {
    let reason: String
    let addresses: NodePortAddressesText
    var localhost = true
    let ipv4: [String]
    let ipv6: [String]
    var testDescription: String { reason }
  }

  enum NodePortAddressesText: Sendable {
    case all
    case cidrs([String])
  }

  /// The conditions under which KUBE-SERVICES leads on to node ports.
  @Test(
    arguments: [
      Jump(
        reason: "all local addresses", addresses: .all, ipv4: ["-m addrtype --dst-type LOCAL"],
        ipv6: ["-m addrtype --dst-type LOCAL ! -d ::1/128"]),
      Jump(
        reason: "all but loopback", addresses: .all, localhost: false,
        ipv4: ["-m addrtype --dst-type LOCAL ! -d 127.0.0.0/8"], ipv6: ["-m addrtype --dst-type LOCAL ! -d ::1/128"]),
      Jump(
        reason: "a CIDR that two interfaces have addresses in", addresses: .cidrs(["172.16.0.0/12", "172.18.0.0/16"]),
        ipv4: ["-d 172.18.0.3", "-d 172.18.0.9"], ipv6: ["-d fd00:172:18::3", "-d fd00:172:18::9"]),
      Jump(reason: "a CIDR of nobody", addresses: .cidrs(["192.0.2.0/24"]), ipv4: [], ipv6: []),
      Jump(
        reason: "primary: the node's own address", addresses: .cidrs(["172.18.0.3/32"]), ipv4: ["-d 172.18.0.3"],
        ipv6: ["-d fd00:172:18::3"]),
      Jump(
        reason: "a loopback CIDR: only IPv4 can route there", addresses: .cidrs(["127.0.0.0/8", "172.18.0.3/32"]),
        ipv4: ["-d 127.0.0.1", "-d 172.18.0.3"], ipv6: ["-d fd00:172:18::3"]),
      Jump(
        reason: "a loopback CIDR against localhostNodePorts", addresses: .cidrs(["127.0.0.0/8", "172.18.0.3/32"]),
        localhost: false, ipv4: ["-d 172.18.0.3"], ipv6: ["-d fd00:172:18::3"]),
      Jump(
        reason: "a block of length zero means all", addresses: .cidrs(["0.0.0.0/0"]),
        ipv4: ["-m addrtype --dst-type LOCAL"], ipv6: ["-m addrtype --dst-type LOCAL ! -d ::1/128"]),
    ], IPFamily.allCases)
  func `node port addresses`(_ jump: Jump, _ family: IPFamily) {
    for dispatch in DispatchMode.allCases { check(jump, family, dispatch) }
  }

  private func check(_ jump: Jump, _ family: IPFamily, _ dispatch: DispatchMode) {
    let cluster = TestCluster([Self.service(.cluster, "10.10.1.5")], family, dispatch: dispatch) { options, text in
      options.localhostNodePorts = jump.localhost
      guard case .cidrs(let cidrs) = jump.addresses else { return }
      let interfaces = ["127.0.0.1", "172.18.0.3", "172.18.0.9", "10.10.1.1"].map(text.address)
      options.nodePortAddresses = NodePortAddresses(
        family: family, cidrs: cidrs.filter { family == .ipv4 || !$0.hasPrefix("172.16.") }.map(text.cidr),
        interfaceAddresses: interfaces)
    }
    let label =
      #"-m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain""#
    let expected = (family == .ipv4 ? jump.ipv4 : jump.ipv6).map { "\(label) \($0) -j KUBE-NODEPORTS" }
    let rules = cluster.rules(.nat, .services).split(separator: "\n").map(String.init)
    #expect(Array(rules.suffix(expected.count)) == expected)
    #expect(rules.count { $0.hasSuffix("-j KUBE-NODEPORTS") } == expected.count)
  }

  @Test(arguments: IPFamily.allCases, [true, false])
  func `packets to node ports on loopback are counted where the kernel can and the family has them`(
    _ family: IPFamily, localhost: Bool
  ) {
    let cluster = TestCluster([Self.service(.cluster, "10.10.1.5")], family) { options, _ in
      options.features.accounting = true
      options.localhostNodePorts = localhost
    }
    let plain = "-m comment --comment default/web -m tcp -p tcp --dport 30080 -j KUBE-EXT-web"
    let counting =
      "-m comment --comment default/web -m tcp -p tcp -d 127.0.0.0/8 --dport 30080 "
      + "-m nfacct --nfacct-name localhost_nps_accepted_pkts -j KUBE-EXT-web\n"
    #expect(cluster.rules(.nat, .nodePorts) == (family == .ipv4 && localhost ? counting + plain : plain))
  }
}
