import IPTables
import RuleAnalysis
import ServiceModel
import Testing

/// Jumps, policies, foreign rules and everything else that decides a packet's way besides kube-proxy's own rules.
@Suite(.timeLimit(.minutes(5))) struct WalkStructureTests {
  struct Setting: Sendable, CustomTestStringConvertible {
    let reason: String
    let rules: String
    let packet: Packet
    let results: [String]
    var testDescription: String { reason }

    init(_ reason: String, _ rules: String, _ packet: Packet, _ results: String...) {
      self.reason = reason
      self.rules = rules
      self.packet = packet
      self.results = results
    }
  }

  private static let packet = WalkFixture.packet("10.10.1.9", "192.0.2.1:80")
  private static let eth0 = WalkFixture.packet("10.10.1.9", "192.0.2.1:80", from: .interface("eth0"))
  private static let here = WalkFixture.packet("192.0.2.9", "172.18.0.3:80")
  private static let host = WalkFixture.packet("172.18.0.3", "192.0.2.1:80", from: .host)

  static let settings = [
    Setting("nothing at all", "*nat\nCOMMIT", packet, "100.0% 192.0.2.1:80"),
    Setting("policy DROP", "*filter\n:FORWARD DROP [0:0]\nCOMMIT", packet, "100.0% dropped 192.0.2.1:80"),
    Setting("policy of another hook", "*filter\n:INPUT DROP [0:0]\nCOMMIT", packet, "100.0% 192.0.2.1:80"),
    Setting(
      "RETURN in a built-in chain is its policy",
      "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -j RETURN\n-A FORWARD -j ACCEPT\nCOMMIT", packet,
      "100.0% dropped 192.0.2.1:80"),
    Setting(
      "a jump comes back",
      "*filter\n:A - [0:0]\n-A A -s 10.0.0.1/32 -j DROP\n-A FORWARD -j A\n-A FORWARD -j REJECT\nCOMMIT",
      packet, "100.0% rejected 192.0.2.1:80"),
    Setting(
      "a goto from a built-in chain ends in its policy",
      "*filter\n:FORWARD ACCEPT [0:0]\n:A - [0:0]\n-A FORWARD -g A\n-A FORWARD -j DROP\nCOMMIT", packet,
      "100.0% 192.0.2.1:80"),
    Setting(
      "a goto comes back to the caller's caller",
      "*filter\n:A - [0:0]\n:B - [0:0]\n-A FORWARD -j A\n-A FORWARD -j REJECT\n-A A -g B\n-A A -j DROP\nCOMMIT", packet,
      "100.0% rejected 192.0.2.1:80"),
    Setting(
      "ACCEPT ends one table only", "*mangle\n-A FORWARD -j ACCEPT\nCOMMIT\n*filter\n-A FORWARD -j DROP\nCOMMIT",
      packet,
      "100.0% dropped 192.0.2.1:80"),
    Setting(
      "a mark set in mangle is seen in filter",
      "*mangle\n-A PREROUTING -j MARK --set-xmark 0x2/0xff\nCOMMIT\n*filter\n-A FORWARD -m mark --mark 0x2/0xf -j DROP\nCOMMIT",
      packet, "100.0% dropped 192.0.2.1:80"),
    Setting("interface known", "*filter\n-A FORWARD -i eth0 -j DROP\nCOMMIT", eth0, "100.0% dropped 192.0.2.1:80"),
    Setting("interface prefix", "*filter\n-A FORWARD ! -i eth+ -j DROP\nCOMMIT", eth0, "100.0% 192.0.2.1:80"),
    Setting(
      "interface not known", "*filter\n-A FORWARD -i eth0 -j DROP\nCOMMIT", packet, "100.0% undecided 192.0.2.1:80"),
    Setting(
      "host packets have no interface", "*nat\n-A OUTPUT ! -i veth+ -j REJECT\nCOMMIT", host,
      "100.0% rejected 192.0.2.1:80"),
    Setting(
      "kindnet's masquerading, pod to the world",
      "*nat\n-A POSTROUTING -m addrtype ! --dst-type LOCAL -j KIND-MASQ-AGENT\n-A KIND-MASQ-AGENT -d 10.10.0.0/16 -j RETURN\n-A KIND-MASQ-AGENT -j MASQUERADE\nCOMMIT",
      packet, "100.0% 192.0.2.1:80 masqueraded"),
    Setting(
      "portmap's host port",
      "*nat\n-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT\n-A CNI-HOSTPORT-DNAT -p tcp -m comment --comment \"dnat name: \\\"kindnet\\\"\" -m multiport --dports 79:81,8080 -j CNI-DN-1\n-A CNI-DN-1 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.10.1.4:8080\nCOMMIT",
      here, "100.0% 10.10.1.4:8080"),
    Setting(
      "docker's -o", "*nat\n-A POSTROUTING ! -o lo -j MASQUERADE\nCOMMIT", packet, "100.0% 192.0.2.1:80 masqueraded"),
    Setting(
      "an -o that needs routes", "*nat\n-A POSTROUTING -o eth1 -j MASQUERADE\nCOMMIT", packet,
      "100.0% undecided 192.0.2.1:80"),
    Setting(
      "SNAT", "*nat\n-A POSTROUTING -j SNAT --to-source 172.18.0.9\nCOMMIT", packet, "100.0% 192.0.2.1:80 as 172.18.0.9"
    ),
    Setting(
      "logging changes nothing", "*filter\n-A FORWARD -j LOG --log-prefix \"x \"\n-A FORWARD -j NFLOG\nCOMMIT", packet,
      "100.0% 192.0.2.1:80"),
    Setting(
      "an ipset cannot be told", "*filter\n-A FORWARD -m set --match-set blocked src -j DROP\nCOMMIT", packet,
      "100.0% undecided 192.0.2.1:80"),
    Setting(
      "a set that another condition rules out",
      "*filter\n-A FORWARD -m set --match-set blocked src -p udp -m udp -j DROP\nCOMMIT", packet, "100.0% 192.0.2.1:80"),
    Setting(
      "an unknown condition without effect", "*filter\n-A FORWARD -m set --match-set seen src -j LOG\nCOMMIT", packet,
      "100.0% 192.0.2.1:80"),
    Setting(
      "an unknown target", "*filter\n-A FORWARD -j NFQUEUE --queue-num 0\nCOMMIT", packet,
      "100.0% undecided 192.0.2.1:80"),
    Setting(
      "icmp rules do not concern tcp", "*filter\n-A FORWARD -p icmp -m icmp --icmp-type 8 -j DROP\nCOMMIT", packet,
      "100.0% 192.0.2.1:80"),
    Setting(
      "new connections begin with SYN",
      "*filter\n-A FORWARD -p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -m conntrack --ctstate NEW -j DROP\nCOMMIT",
      packet, "100.0% 192.0.2.1:80"),
    Setting(
      "the old state match",
      "*filter\n-A FORWARD -m state --state RELATED,ESTABLISHED -j ACCEPT\n-A FORWARD -j DROP\nCOMMIT", packet,
      "100.0% dropped 192.0.2.1:80"),
    Setting("a jump to nowhere", "*filter\n-A FORWARD -j GONE\nCOMMIT", packet, "100.0% undecided 192.0.2.1:80"),
    Setting(
      "a loop", "*filter\n:A - [0:0]\n-A FORWARD -j A\n-A A -j A\nCOMMIT", packet, "100.0% undecided 192.0.2.1:80"),
    Setting(
      "half of the packets", "*filter\n-A FORWARD -m statistic --mode random --probability 0.25 -j DROP\nCOMMIT",
      packet,
      "25.0% dropped 192.0.2.1:80", "75.0% 192.0.2.1:80"),
    Setting(
      "probability one", "*filter\n-A FORWARD -m statistic --mode random --probability 1.0 -j DROP\nCOMMIT", packet,
      "100.0% dropped 192.0.2.1:80"),
  ]

  @Test(arguments: settings) func `foreign rules are walked too`(_ setting: Setting) throws {
    let rules = try RuleSet(family: .ipv4, restoring: setting.rules)
    let outcomes = PacketWalk(rules: rules, host: WalkFixture.host).outcomes(of: setting.packet)
    #expect(WalkFixture.summary(outcomes.results) == setting.results.sorted())
  }

  @Test func `an assumption is named`() throws {
    let text = "*filter\n-A FORWARD -j ACCEPT -p udp\n-A FORWARD -m set --match-set blocked src -j DROP\nCOMMIT"
    let rules = try RuleSet(family: .ipv4, restoring: text)
    let walk = PacketWalk(rules: rules, host: WalkFixture.host, caution: .assumeNoMatch)
    let outcome = try #require(walk.outcomes(of: Self.packet).first)
    #expect(outcome.verdict == .delivered)
    let words = ["-m", "set", "--match-set", "blocked", "src"]
    #expect(outcome.assumptions.map(\.reason) == [.match(words)])
    #expect(outcome.assumptions.map(\.index) == [1])
    #expect(outcome.assumptions.map(\.chain) == [.forward])
  }

  @Test func `the outgoing interface comes from the routes`() throws {
    let rules = try RuleSet(family: .ipv4, restoring: "*nat\n-A POSTROUTING -o eth1 -j MASQUERADE\nCOMMIT")
    var host = WalkFixture.host
    host.routes = [CIDR("0.0.0.0/0")!: "eth0", CIDR("192.0.2.0/24")!: "eth1"]
    #expect(PacketWalk(rules: rules, host: host).results(of: Self.packet).map(\.source) == [.masqueraded])
    let other = WalkFixture.packet("10.10.1.9", "198.51.100.1:80")
    #expect(PacketWalk(rules: rules, host: host).results(of: other).map(\.source) == [.kept(other.source)])
  }

  /// A dispatch tree by prefix, then by address, and an endpoint tree of two levels, as large clusters have them.
  @Test(arguments: [2, 16, 100, 1000]) func `endpoints of a tree are equally likely`(_ count: Int) throws {
    var lines = ["*nat", "-A PREROUTING -j KUBE-SERVICES", "-A KUBE-SERVICES -d 10.200.0.0/17 -j KUBE-SVC-LOW"]
    lines += ["-A KUBE-SERVICES -d 10.200.128.0/17 -j KUBE-SVC-HIGH", ":KUBE-SVC-LOW - [0:0]"]
    lines += ["-A KUBE-SVC-HIGH -d 10.200.128.7/32 -p tcp -m tcp --dport 80 -j KUBE-SVC-A"]
    let width = Int(Double(count).squareRoot().rounded(.up))
    var left = count
    for bucket in 0..<((count + width - 1) / width) {
      let size = min(width, count - bucket * width)
      lines.append("-A KUBE-SVC-A \(chance(size, of: left))-j KUBE-SVC-A\(bucket)")
      left -= size
      for index in 0..<size {
        let endpoint = bucket * width + index
        lines.append("-A KUBE-SVC-A\(bucket) \(chance(1, of: size - index))-j KUBE-SEP-\(endpoint)")
        lines.append(
          "-A KUBE-SEP-\(endpoint) -p tcp -m tcp -j DNAT --to-destination 10.10.\(endpoint >> 8).\(endpoint & 255):80")
      }
    }
    let rules = try RuleSet(family: .ipv4, restoring: lines.joined(separator: "\n") + "\nCOMMIT\n")
    let walk = PacketWalk(rules: rules, host: WalkFixture.host)
    let results = walk.results(of: WalkFixture.packet("10.10.1.9", "10.200.128.7:80"))
    #expect(Set(results.map(\.destination)).count == count)
    // The kernel's resolution is 2^-31 for each choice.
    #expect(results.allSatisfy { abs($0.probability * Double(count) - 1) < Double(count) * 0x1p-29 })
    #expect(abs(results.reduce(0) { $0 + $1.probability } - 1) < 1e-12)
    #expect(
      WalkFixture.summary(walk.results(of: WalkFixture.packet("10.10.1.9", "10.200.0.7:80"))) == [
        "100.0% 10.200.0.7:80"
      ])
  }

  private func chance(_ part: Int, of whole: Int) -> String {
    part == whole ? "" : "-m statistic --mode random --probability \(Double(part) / Double(whole)) "
  }

  @Test func `IPv6 goes the same way`() throws {
    let rules = try RuleSet(
      family: .ipv6,
      restoring: """
        *nat
        -A PREROUTING -j KUBE-SERVICES
        -A POSTROUTING -j KUBE-POSTROUTING
        -A KUBE-SERVICES -d fd00:10:200::10/128 -p tcp -m tcp --dport 80 -j KUBE-SVC-A
        -A KUBE-SERVICES -m addrtype --dst-type LOCAL ! -d ::1/128 -j KUBE-NODEPORTS
        -A KUBE-NODEPORTS -p tcp -m tcp --dport 30080 -j KUBE-SVC-A
        -A KUBE-SVC-A ! -s fd00:10:10::/48 -j KUBE-MARK-MASQ
        -A KUBE-SVC-A -j DNAT --to-destination [fd00:10:10:1::5]:8080
        -A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
        -A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
        -A KUBE-POSTROUTING -j MASQUERADE
        COMMIT
        """)
    let host = WalkHost(localAddresses: [WalkFixture.address("fc00:f853:ccd:e793::3")])
    let walk = PacketWalk(rules: rules, host: host)
    let pod = "fd00:10:10:1::9"
    #expect(
      WalkFixture.summary(walk.results(of: WalkFixture.packet(pod, "[fd00:10:200::10]:80")))
        == ["100.0% [fd00:10:10:1::5]:8080"])
    #expect(
      WalkFixture.summary(walk.results(of: WalkFixture.packet("2001:db8::9", "[fc00:f853:ccd:e793::3]:30080")))
        == ["100.0% [fd00:10:10:1::5]:8080 masqueraded"])
    #expect(
      WalkFixture.summary(walk.results(of: WalkFixture.packet("::1", "[::1]:30080", from: .host)))
        == ["100.0% [::1]:30080"])
  }
}
