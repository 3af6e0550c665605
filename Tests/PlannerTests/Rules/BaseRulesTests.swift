import IPTables
import ServiceModel
import Testing

@testable import Planner

/// The rules that are there without any Service.
@Suite(.timeLimit(.minutes(5))) struct BaseRulesTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let reason: String
    let table: Table
    let chain: ChainName
    var configure: @Sendable (inout PlannerOptions) -> Void = { _ in }
    let rules: String
    var testDescription: String { reason }
  }

  static let cases = [
    Case(
      reason: "packets that conntrack cannot place are dropped, marked and known ones forwarded", table: .filter,
      chain: .kubeForward,
      rules: """
        -m conntrack --ctstate INVALID -j DROP
        -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x00004000/0x00004000 -j ACCEPT
        -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
        """),
    Case(
      reason: "dropped packets are counted where the kernel can", table: .filter, chain: .kubeForward,
      configure: { $0.features.accounting = true },
      rules: """
        -m conntrack --ctstate INVALID -m nfacct --nfacct-name ct_state_invalid_dropped_pkts -j DROP
        -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x00004000/0x00004000 -j ACCEPT
        -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
        """),
    Case(
      reason: "a liberal conntrack needs no drop", table: .filter, chain: .kubeForward,
      configure: {
        $0.features.conntrackTCPLiberal = true
        $0.masqueradeBit = 31
      },
      rules: """
        -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x80000000/0x80000000 -j ACCEPT
        -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
        """),
    Case(
      reason: "masquerading takes its mark back", table: .nat, chain: .kubePostrouting,
      rules: """
        -m mark ! --mark 0x00004000/0x00004000 -j RETURN
        -j MARK --xor-mark 0x00004000
        -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully
        """),
    Case(
      reason: "another bit, an iptables without --random-fully", table: .nat, chain: .kubePostrouting,
      configure: {
        $0.masqueradeBit = 0
        $0.features.randomFully = false
      },
      rules: """
        -m mark ! --mark 0x00000001/0x00000001 -j RETURN
        -j MARK --xor-mark 0x00000001
        -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE
        """),
    Case(
      reason: "the mark that asks for masquerading", table: .nat, chain: .markMasquerade,
      configure: { $0.masqueradeBit = 5 }, rules: "-j MARK --or-mark 0x00000020"),
  ]

  @Test(arguments: cases, IPFamily.allCases) func `rules`(_ example: Case, _ family: IPFamily) {
    let cluster = TestCluster([], family) { options, _ in example.configure(&options) }
    #expect(cluster.rules(example.table, example.chain) == example.rules)
  }

  @Test(arguments: IPFamily.allCases, [true, false])
  func `KUBE-FIREWALL has a rule of ours only where loopback is routed`(_ family: IPFamily, localhost: Bool) {
    let cluster = TestCluster([], family) { options, _ in options.localhostNodePorts = localhost }
    let rule = """
      -m comment --comment "block incoming localnet connections" -d 127.0.0.0/8 ! -s 127.0.0.0/8 \
      -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP
      """
    let isOurs = family == .ipv4 && localhost
    #expect(cluster.rules(.filter, .kubeFirewall) == (isOurs ? rule : ""))
    #expect(cluster.plan.sharedChains == (isOurs ? [] : [ChainKey(.filter, .kubeFirewall)]))
  }

  @Test(arguments: IPFamily.allCases) func `every table has a canary and nothing else but known chains`(
    _ family: IPFamily
  ) {
    let rules = RuleSet(TestCluster([], family).plan)
    #expect(Table.allCases.map { rules[$0, .canary] } == [[], [], []])
    #expect(rules.chains(of: .mangle).map(\.name) == [.canary])
    #expect(
      rules.chains(of: .nat).map(\.name.description) == [
        "KUBE-MARK-MASQ", "KUBE-NODEPORTS", "KUBE-POSTROUTING", "KUBE-PROXY-CANARY", "KUBE-SERVICES", "OUTPUT",
        "POSTROUTING", "PREROUTING",
      ])
    #expect(
      rules.chains(of: .filter).map(\.name.description) == [
        "FORWARD", "INPUT", "KUBE-EXTERNAL-SERVICES", "KUBE-FIREWALL", "KUBE-FORWARD", "KUBE-NODEPORTS",
        "KUBE-PROXY-CANARY", "KUBE-PROXY-FIREWALL", "KUBE-SERVICES", "OUTPUT",
      ])
  }

  @Test func `built-in chains lead to ours in kube-proxy's order`() {
    let rules = RuleSet(TestCluster([], .ipv4).plan)
    func text(_ table: Table, _ chain: ChainName) -> [String] { (rules[table, chain] ?? []).map(\.description) }
    let new = "-m conntrack --ctstate NEW -m comment --comment"
    #expect(
      text(.filter, .input) == [
        "-j KUBE-FIREWALL", "\(new) \"kubernetes load balancer firewall\" -j KUBE-PROXY-FIREWALL",
        "-m comment --comment \"kubernetes health check service ports\" -j KUBE-NODEPORTS",
        "\(new) \"kubernetes externally-visible service portals\" -j KUBE-EXTERNAL-SERVICES",
      ])
    #expect(
      text(.filter, .forward) == [
        "\(new) \"kubernetes load balancer firewall\" -j KUBE-PROXY-FIREWALL",
        "-m comment --comment \"kubernetes forwarding rules\" -j KUBE-FORWARD",
        "\(new) \"kubernetes service portals\" -j KUBE-SERVICES",
        "\(new) \"kubernetes externally-visible service portals\" -j KUBE-EXTERNAL-SERVICES",
      ])
    #expect(
      text(.filter, .output) == [
        "-j KUBE-FIREWALL", "\(new) \"kubernetes load balancer firewall\" -j KUBE-PROXY-FIREWALL",
        "\(new) \"kubernetes service portals\" -j KUBE-SERVICES",
      ])
    let portals = "-m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES"
    #expect(text(.nat, .prerouting) == [portals])
    #expect(text(.nat, .output) == [portals])
    #expect(
      text(.nat, .postrouting) == ["-m comment --comment \"kubernetes postrouting rules\" -j KUBE-POSTROUTING"])
  }
}
