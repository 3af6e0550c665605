import IPTables
import RuleAnalysis
import ServiceModel
import Testing

@Suite(.timeLimit(.minutes(5))) struct RuleSetDifferenceTests {
  private static let planned = """
    *nat
    -A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
    -A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
    :KUBE-SERVICES - [0:0]
    -A KUBE-SERVICES -m comment --comment "ns/a cluster IP" -m tcp -p tcp -d 10.0.0.1 --dport 80 -j KUBE-SVC-AAAAAAAAAAAAAAAA
    -A KUBE-SERVICES -m comment --comment "ns/b cluster IP" -m tcp -p tcp -d 10.0.0.2 --dport 80 -j KUBE-SVC-BBBBBBBBBBBBBBBB
    -A KUBE-SERVICES -m comment --comment "node ports last" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
    -A KUBE-NODEPORTS -m tcp -p tcp -d 127.0.0.0/8 --dport 30080 -m nfacct --nfacct-name x -j KUBE-SVC-AAAAAAAAAAAAAAAA
    -A KUBE-NODEPORTS -m tcp -p tcp --dport 30080 -j KUBE-SVC-AAAAAAAAAAAAAAAA
    -A KUBE-SVC-AAAAAAAAAAAAAAAA -m statistic --mode random --probability 0.5 -j KUBE-SEP-AAAAAAAAAAAAAAAA
    -A KUBE-SVC-AAAAAAAAAAAAAAAA -j KUBE-SEP-BBBBBBBBBBBBBBBB
    -A KUBE-SVC-BBBBBBBBBBBBBBBB -j KUBE-SEP-BBBBBBBBBBBBBBBB
    -A KUBE-SEP-AAAAAAAAAAAAAAAA -s 10.1.0.1 -j KUBE-MARK-MASQ
    -A KUBE-SEP-AAAAAAAAAAAAAAAA -m tcp -p tcp -j DNAT --to-destination 10.1.0.1:80
    -A KUBE-SEP-BBBBBBBBBBBBBBBB -m tcp -p tcp -j DNAT --to-destination 10.1.0.2:80
    -A KUBE-MARK-MASQ -j MARK --or-mark 0x00004000
    COMMIT
    *filter
    -A FORWARD -m conntrack --ctstate NEW -j KUBE-PROXY-FIREWALL
    -A FORWARD -j KUBE-FORWARD
    -A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
    :KUBE-PROXY-FIREWALL - [0:0]
    :KUBE-FIREWALL - [0:0]
    COMMIT

    """

  /// What was done to rules that were right, and what is said of it.
  struct Damage: Sendable, CustomTestStringConvertible {
    let reason: String
    let edits: [(String, String)]
    let findings: [String]
    var testDescription: String { reason }

    init(_ reason: String, _ edits: [(String, String)], _ findings: String...) {
      self.reason = reason
      self.edits = edits
      self.findings = findings
    }
  }

  private static let probable = "-A KUBE-SVC-AAAAAAAAAAAAAAAA -m statistic --mode random --probability 0.5"

  static let damages = [
    Damage("nothing", []),
    Damage("another spelling", [("-m tcp -p tcp -d 10.0.0.1 --dport 80", "-d 10.0.0.1/32 -p tcp -m tcp --dport 80")]),
    Damage(
      "rules that exclude each other change places",
      [
        ("ns/a cluster IP\" -m tcp -p tcp -d 10.0.0.1", "@"),
        ("ns/b cluster IP\" -m tcp -p tcp -d 10.0.0.2", "ns/a cluster IP\" -m tcp -p tcp -d 10.0.0.1"),
        ("@", "ns/b cluster IP\" -m tcp -p tcp -d 10.0.0.2"), ("-j KUBE-SVC-BBBBBBBBBBBBBBBB\n", "-j #\n"),
        ("--dport 80 -j KUBE-SVC-AAAAAAAAAAAAAAAA\n", "--dport 80 -j KUBE-SVC-BBBBBBBBBBBBBBBB\n"),
        ("-j #\n", "-j KUBE-SVC-AAAAAAAAAAAAAAAA\n"),
      ]),
    Damage(
      "a rule is gone",
      [("-A KUBE-SVC-BBBBBBBBBBBBBBBB -j KUBE-SEP-BBBBBBBBBBBBBBBB\n", ":KUBE-SVC-BBBBBBBBBBBBBBBB - [0:0]\n")],
      "nat KUBE-SVC-BBBBBBBBBBBBBBBB missing 0"),
    Damage(
      "a chain is gone", [("-A KUBE-SVC-BBBBBBBBBBBBBBBB -j KUBE-SEP-BBBBBBBBBBBBBBBB\n", "")],
      "nat KUBE-SVC-BBBBBBBBBBBBBBBB no chain of 1"),
    Damage(
      "a stale chain", [("-A KUBE-MARK", "-A KUBE-SEP-CCCCCCCCCCCCCCCC -j KUBE-MARK-MASQ\n-A KUBE-MARK")],
      "nat KUBE-SEP-CCCCCCCCCCCCCCCC extra chain of 1"),
    Damage("another probability", [("0.5", "0.25")], "nat KUBE-SVC-AAAAAAAAAAAAAAAA changed 0"),
    Damage("another endpoint address", [("10.1.0.2:80", "10.1.0.9:80")], "nat KUBE-SEP-BBBBBBBBBBBBBBBB changed 0"),
    Damage("another cluster IP", [("10.0.0.1 --dport", "10.0.0.9 --dport")], "nat KUBE-SERVICES changed 0"),
    Damage(
      "endpoints change places",
      [
        (
          Self.probable + " -j KUBE-SEP-AAAAAAAAAAAAAAAA\n-A KUBE-SVC-AAAAAAAAAAAAAAAA -j KUBE-SEP-BBBBBBBBBBBBBBBB\n",
          "-A KUBE-SVC-AAAAAAAAAAAAAAAA -j KUBE-SEP-BBBBBBBBBBBBBBBB\n" + Self.probable
            + " -j KUBE-SEP-AAAAAAAAAAAAAAAA\n"
        )
      ],
      "nat KUBE-SVC-AAAAAAAAAAAAAAAA moved 0 to 1"),
    Damage(
      "node ports before cluster IPs",
      [
        (
          ":KUBE-SERVICES - [0:0]\n",
          "-A KUBE-SERVICES -m comment --comment \"node ports last\" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS\n"
        ),
        (
          "10.0.0.2 --dport 80 -j KUBE-SVC-BBBBBBBBBBBBBBBB\n-A KUBE-SERVICES -m comment --comment \"node ports last\" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS\n",
          "10.0.0.2 --dport 80 -j KUBE-SVC-BBBBBBBBBBBBBBBB\n"
        ),
      ],
      "nat KUBE-SERVICES moved 0 to 2"),
    Damage(
      "a node port before its loopback rule",
      [
        ("-A KUBE-NODEPORTS -m tcp -p tcp --dport 30080 -j KUBE-SVC-AAAAAAAAAAAAAAAA\n", ""),
        (
          "-A KUBE-NODEPORTS",
          "-A KUBE-NODEPORTS -m tcp -p tcp --dport 30080 -j KUBE-SVC-AAAAAAAAAAAAAAAA\n-A KUBE-NODEPORTS"
        ),
      ],
      "nat KUBE-NODEPORTS moved 0 to 1"),
    Damage(
      "a rule too many",
      [("-A KUBE-MARK-MASQ", "-A KUBE-SEP-BBBBBBBBBBBBBBBB -s 10.1.0.2 -j KUBE-MARK-MASQ\n-A KUBE-MARK-MASQ")],
      "nat KUBE-SEP-BBBBBBBBBBBBBBBB extra 1"),
    Damage(
      "a translation in a Service's chain, as in the compact form",
      [
        (
          "-A KUBE-MARK-MASQ",
          "-A KUBE-SVC-BBBBBBBBBBBBBBBB -m tcp -p tcp -j DNAT --to-destination 10.1.0.2:80\n-A KUBE-MARK-MASQ"
        )
      ], "nat KUBE-SVC-BBBBBBBBBBBBBBBB extra 1"),
    Damage(
      "somebody's LOG in our chain", [(Self.probable, "-A KUBE-SVC-AAAAAAAAAAAAAAAA -j LOG\n" + Self.probable)],
      "nat KUBE-SVC-AAAAAAAAAAAAAAAA foreign 0"),
    Damage(
      "somebody's ACCEPT in our chain",
      [(Self.probable, "-A KUBE-SVC-AAAAAAAAAAAAAAAA -s 10.9.0.0/16 -j ACCEPT\n" + Self.probable)],
      "nat KUBE-SVC-AAAAAAAAAAAAAAAA foreign 0"),
    Damage(
      "a jump is gone", [("-A OUTPUT -m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES\n", "")],
      "nat OUTPUT no jump"),
    Damage(
      "a jump twice", [("-A FORWARD -j KUBE-FORWARD\n", "-A FORWARD -j KUBE-FORWARD\n-A FORWARD -j KUBE-FORWARD\n")],
      "filter FORWARD repeated 2"),
    Damage(
      "a jump that nobody asked for",
      [("-A FORWARD -j KUBE-FORWARD\n", "-A FORWARD -j KUBE-FORWARD\n-A FORWARD -j KUBE-NODEPORTS\n")],
      "filter FORWARD extra 2"),
    Damage(
      "jumps in another order",
      [("-A FORWARD -j KUBE-FORWARD\n", ""), ("-A FORWARD -m", "-A FORWARD -j KUBE-FORWARD\n-A FORWARD -m")],
      "filter FORWARD moved 0 to 1"),
    Damage(
      "somebody before our jump", [("-A PREROUTING", "-A PREROUTING -p tcp -j REDIRECT --to-ports 1\n-A PREROUTING")],
      "nat PREROUTING remark: foreign 0 before jump"),
    Damage("somebody behind our jumps", [("-A KUBE-FORWARD", "-A FORWARD -j DROP\n-A KUBE-FORWARD")]),
    Damage(
      "kubelet's rule in the chain we share",
      [(":KUBE-FIREWALL - [0:0]", "-A KUBE-FIREWALL -m mark --mark 0x8000/0x8000 -m set --match-set a src -j DROP")],
      "filter KUBE-FIREWALL remark: foreign 0"),
    Damage(
      "other programs' chains",
      [
        (
          ":KUBE-FIREWALL - [0:0]",
          ":KUBE-FIREWALL - [0:0]\n:KUBE-ROUTER-FORWARD - [0:0]\n:KUBE-IPTABLES-HINT - [0:0]\n:DOCKER - [0:0]"
        )
      ]),
  ]

  @Test func `in a long chain only the rules that moved are named`() throws {
    func rules(_ numbers: [Int]) throws -> RuleSet {
      let lines = numbers.map { "-A KUBE-SVC-AAAAAAAAAAAAAAAA -m mark --mark \($0) -j KUBE-MARK-MASQ\n" }.joined()
      return try RuleSet(family: .ipv4, restoring: "*nat\n:KUBE-MARK-MASQ - [0:0]\n\(lines)COMMIT\n")
    }
    let planned = Array(1...5000)
    let moved = RuleSetDifference(from: try rules([5000] + planned.dropLast()), to: try rules(planned))
    #expect(moved.items.map(Self.describe) == ["nat KUBE-SVC-AAAAAAAAAAAAAAAA moved 0 to 4999"])
    let reversed = RuleSetDifference(from: try rules(planned.reversed()), to: try rules(planned))
    #expect(reversed.items.count == 4999)
  }

  @Test(arguments: damages) func `each difference is named`(_ damage: Damage) throws {
    var text = Self.planned
    for (old, new) in damage.edits {
      try #require(text.contains(old), "the edit applies: \(old)")
      text.replace(old, with: new, maxReplacements: 1)
    }
    let expected = try RuleSet(family: .ipv4, restoring: Self.planned)
    let difference = RuleSetDifference(from: try RuleSet(family: .ipv4, restoring: text), to: expected)
    #expect(difference.items.map(Self.describe) == damage.findings)
    #expect(difference.isEmpty == damage.findings.allSatisfy { $0.contains("remark") })
  }

  @Test func `kubelet's jump may stand anywhere`() throws {
    func rules(_ input: [String]) throws -> RuleSet {
      let lines = input.map { "-A INPUT \($0)\n" }.joined()
      return try RuleSet(
        family: .ipv4,
        restoring: "*filter\n:KUBE-FIREWALL - [0:0]\n:KUBE-NODEPORTS - [0:0]\n:KUBE-FORWARD - [0:0]\n\(lines)COMMIT\n")
    }
    let planned = ["-j KUBE-FIREWALL", "-j KUBE-NODEPORTS", "-j KUBE-FORWARD"]
    let kubelet = ["-j KUBE-NODEPORTS", "-j KUBE-FORWARD", "-p tcp -j ACCEPT", "-j KUBE-FIREWALL"]
    #expect(RuleSetDifference(from: try rules(kubelet), to: try rules(planned)).items == [])
    let without = Array(kubelet.dropLast())
    #expect(RuleSetDifference(from: try rules(without), to: try rules(planned)).deviations.count == 1, "it is missing")
  }

  @Test func `everything is missing in an empty kernel`() throws {
    let expected = try RuleSet(family: .ipv4, restoring: Self.planned)
    let difference = RuleSetDifference(from: RuleSet(family: .ipv4), to: expected)
    #expect(difference.items.count { if case .missingJump = $0.kind { true } else { false } } == 4)
    #expect(difference.items.count { if case .missingChain = $0.kind { true } else { false } } == 10)
    let left = RuleSetDifference(from: expected, to: RuleSet(family: .ipv4))
    #expect(left.items.count { if case .extraChain = $0.kind { true } else { false } } == 9, "KUBE-FIREWALL may stay")
    #expect(left.items.count { if case .extraRule = $0.kind { true } else { false } } == 4)
  }

  static func describe(_ item: DifferenceItem) -> String {
    let what =
      switch item.kind {
      case .missingChain(let rules): "no chain of \(rules.count)"
      case .extraChain(let rules): "extra chain of \(rules.count)"
      case .missingRule(_, let at): "missing \(at)"
      case .extraRule(_, let at): "extra \(at)"
      case .changedRule(_, _, let at): "changed \(at)"
      case .movedRule(_, let from, let to): "moved \(from) to \(to)"
      case .foreignRule(_, let at): "foreign \(at)"
      case .missingJump: "no jump"
      case .repeatedJump(_, let at): "repeated \(at)"
      case .foreignRuleBeforeJump(_, let at, _): "foreign \(at) before jump"
      }
    return "\(item.chain.table) \(item.chain.name) \(item.isRemark ? "remark: " : "")\(what)"
  }
}
