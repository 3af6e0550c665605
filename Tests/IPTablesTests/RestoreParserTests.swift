import IPTables
import ServiceModel
import Testing

/// A rule in two spellings: as this program or a person writes it, and as iptables-save (1.8.9, nf_tables) prints it.
struct Spelling: CustomTestStringConvertible, Sendable {
  let reason: String
  let written: String
  let saved: String
  var testDescription: String { reason }

  init(_ reason: String, _ written: String, _ saved: String) {
    self.reason = reason
    self.written = written
    self.saved = saved
  }
}

/// The rule on a line that appends to a chain of table nat.
func rule(_ words: String) throws -> Rule {
  var parser = RestoreParser()
  _ = try parser.consume(line: "*nat")
  guard case .append(_, let rule, _) = try parser.consume(line: "-A TEST " + words) else {
    throw TestError(message: "no rule: \(words)")
  }
  return rule
}

struct TestError: Error { let message: String }

@Suite(.timeLimit(.minutes(5))) struct RestoreParserTests {
  static let spellings = [
    Spelling(
      "host addresses get a /32, -p moves before the matches",
      #"-m comment --comment "ns/a:http cluster IP" -m tcp -p tcp -d 10.0.0.1 --dport 80 ! -s 10.10.0.0/16 -j KUBE-MARK-MASQ"#,
      #"! -s 10.10.0.0/16 -d 10.0.0.1/32 -p tcp -m comment --comment "ns/a:http cluster IP" -m tcp --dport 80 -j KUBE-MARK-MASQ"#
    ),
    Spelling(
      "quotes are iptables-save's", "-m comment --comment ns/a -j DROP", #"-m comment --comment "ns/a" -j DROP"#),
    Spelling("setting bits", "-j MARK --or-mark 0x00004000", "-j MARK --set-xmark 0x4000/0x4000"),
    Spelling("flipping bits", "-j MARK --xor-mark 0x00004000", "-j MARK --set-xmark 0x4000/0x0"),
    Spelling("set-mark of all its bits", "-j MARK --set-mark 0x20/0x20", "-j MARK --set-xmark 0x20/0x20"),
    Spelling(
      "hexadecimal digits", "-m mark ! --mark 0x00004000/0x00004000 -j RETURN",
      "-m mark ! --mark 0x4000/0x4000 -j RETURN"),
    Spelling("a decimal mark", "-m mark --mark 16384/16384 -j ACCEPT", "-m mark --mark 0x4000/0x4000 -j ACCEPT"),
    Spelling("default of REJECT", "-j REJECT", "-j REJECT --reject-with icmp-port-unreachable"),
    Spelling("default of REJECT in IPv6", "-j REJECT", "-j REJECT --reject-with icmp6-port-unreachable"),
    Spelling(
      "ten digits written, eleven printed",
      "-m statistic --mode random --probability 0.3333333333 -j KUBE-SEP-7BNSIR2XY2AQXVHC",
      "-m statistic --mode random --probability 0.33333333349 -j KUBE-SEP-7BNSIR2XY2AQXVHC"),
    Spelling(
      "defaults of recent",
      "-m recent --name KUBE-SEP-7BNSIR2XY2AQXVHC --rcheck --seconds 10800 --reap -j KUBE-SEP-7BNSIR2XY2AQXVHC",
      "-m recent --rcheck --seconds 10800 --reap --name KUBE-SEP-7BNSIR2XY2AQXVHC --mask 255.255.255.255 --rsource -j KUBE-SEP-7BNSIR2XY2AQXVHC"
    ),
    Spelling(
      "recent in IPv6, DNAT with brackets, a module without options",
      "-m comment --comment ns/a -m recent --name KUBE-SEP-7BNSIR2XY2AQXVHC --set -m udp -p udp -j DNAT --to-destination [fd00::5]:53",
      #"-p udp -m comment --comment "ns/a" -m recent --set --name KUBE-SEP-7BNSIR2XY2AQXVHC --mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff --rsource -m udp -j DNAT --to-destination [fd00::5]:53"#
    ),
    Spelling(
      "nfacct prints two spaces",
      "-m conntrack --ctstate INVALID -m nfacct --nfacct-name ct_state_invalid_dropped_pkts -j DROP",
      "-m conntrack --ctstate INVALID -m nfacct --nfacct-name  ct_state_invalid_dropped_pkts -j DROP"),
    Spelling(
      "order of states", "-m conntrack ! --ctstate DNAT,ESTABLISHED,RELATED -j DROP",
      "-m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP"),
    Spelling("a /0 is not kept", "-s 0.0.0.0/0 -j KUBE-SERVICES", "-j KUBE-SERVICES"),
    Spelling("host bits are cleared", "-d 10.0.0.77/24 -j DROP", "-d 10.0.0.0/24 -j DROP"),
    Spelling("upper-case and uncompressed IPv6", "-d FD00:0::0001 -j DROP", "-d fd00::1/128 -j DROP"),
    Spelling(
      "interface patterns", "-m addrtype --src-type LOCAL ! -i veth+ -j RETURN",
      "! -i veth+ -m addrtype --src-type LOCAL -j RETURN"),
    Spelling("newer iptables may drop an empty -m tcp", "-m tcp -p tcp -j ACCEPT", "-p tcp -j ACCEPT"),
    Spelling("a rule without a target", #"-m comment --comment "only counts""#, #"-m comment --comment "only counts""#),
  ]

  @Test(arguments: spellings) func `spellings of one rule are equal`(_ spelling: Spelling) throws {
    let written = try rule(spelling.written)
    let saved = try rule(spelling.saved)
    #expect(written.canonical == saved.canonical)
    #expect(written.canonical.hashValue == saved.canonical.hashValue)
    #expect(try rule(written.description) == written, "what is rendered reads the same")
    #expect(try rule(saved.description).canonical == saved.canonical)
  }

  @Test(arguments: [
    ("another port", "-p tcp -m tcp --dport 80 -j DROP", "-p tcp -m tcp --dport 81 -j DROP"),
    ("a range", "-p tcp -m tcp --dport 80 -j DROP", "-p tcp -m tcp --dport 80:81 -j DROP"),
    ("negated", "-s 10.0.0.1 -j DROP", "! -s 10.0.0.1 -j DROP"),
    ("source for destination", "-s 10.0.0.1 -j DROP", "-d 10.0.0.1 -j DROP"),
    ("flip for set", "-j MARK --or-mark 0x1", "-j MARK --xor-mark 0x1"),
    ("goto for jump", "-j KUBE-SERVICES", "-g KUBE-SERVICES"),
    ("another reject", "-j REJECT", "-j REJECT --reject-with icmp-host-unreachable"),
    (
      "a tick of probability", "-m statistic --mode random --probability 0.5",
      "-m statistic --mode random --probability 0.50000000047"
    ),
    ("a prefix of interfaces", "-i veth -j DROP", "-i veth+ -j DROP"),
    ("random-fully", "-j MASQUERADE", "-j MASQUERADE --random-fully"),
    ("comment", "-m comment --comment a", "-m comment --comment b"),
    (
      "fewer bits of a recent list's mask", "-m recent --set --name A --rsource",
      "-m recent --set --name A --mask 255.255.255.0 --rsource"
    ),
  ])
  func `different rules differ`(_ reason: String, _ one: String, _ other: String) throws {
    #expect(try rule(one).canonical != rule(other).canonical)
  }

  @Test(arguments: [
    (
      "portmap's dispatch",
      #"-p tcp -m comment --comment "dnat name: \"kindnet\" id: \"1\"" -m multiport --dports 8080,8443 -j CNI-DN-06f42ab4c5a60ca2b2b75"#
    ),
    ("an outgoing interface", "! -o lo -j MASQUERADE"),
    ("a protocol that is none of ours", "-p icmp -m icmp --icmp-type 8 -j ACCEPT"),
    ("a source port", "-p tcp -m tcp --sport 1024:65535 ! --dport 22 -j ACCEPT"),
    ("several options of one module", "-m addrtype --src-type LOCAL --dst-type LOCAL -j RETURN"),
    ("a log prefix with a space and an option's look", #"-j LOG --log-prefix "-m x: " --log-level 4"#),
    ("an ipset", "-m set ! --match-set blocked src,dst -j DROP"),
    ("tcp flags", "-p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -j DROP"),
    ("SNAT", "-s 10.0.0.0/8 -j SNAT --to-source 192.0.2.1"),
    ("every nth packet", "-m statistic --mode nth --every 3 --packet 0 -j ACCEPT"),
    ("a discontinuous mask", "-s 10.0.0.1/255.0.255.0 -j ACCEPT"),
    ("a backslash in a comment", #"-m comment --comment "a\\b" -j ACCEPT"#),
    ("an empty comment", #"-m comment --comment "" -j ACCEPT"#),
    ("a range of DNAT", "-j DNAT --to-destination 10.0.0.1-10.0.0.9:80"),
    ("negated protocol", "! -p tcp -j ACCEPT"),
    ("goto", "-g OTHER"),
  ])
  func `foreign words survive`(_ reason: String, _ words: String) throws {
    let read = try rule(words)
    #expect(try rule(read.description) == read)
    // No word is lost, although options may be grouped differently.
    let separators: Set<Character> = [" ", "\""]
    func sorted(_ text: String) -> [Substring] { text.split(whereSeparator: separators.contains).sorted() }
    #expect(sorted(read.description) == sorted(words))
  }

  @Test func `targets without options are not taken for chains`() throws {
    #expect(try rule("-j TRACE").target == .other(["TRACE"]))
    #expect(try rule("-j KIND-MASQ-AGENT").target == .jump("KIND-MASQ-AGENT"))
  }

  @Test func `a dump is read event by event`() throws {
    var parser = RestoreParser()
    let lines: [(String, RestoreEvent?)] = [
      ("# Generated by iptables-save v1.8.9 (nf_tables)", nil),
      ("*raw", nil),
      (":PREROUTING ACCEPT [7:8]", nil),
      ("-A PREROUTING -j NOTRACK", nil),
      ("COMMIT", nil),
      ("*filter", .table(.filter)),
      (
        ":FORWARD DROP [12:345]",
        .chain(ChainKey(.filter, .forward), policy: .drop, counters: Counters(packets: 12, bytes: 345))
      ),
      (":KUBE-FORWARD - [0:0]", .chain(ChainKey(.filter, .kubeForward), policy: nil, counters: Counters())),
      (
        "[3:180] -A FORWARD -j KUBE-FORWARD",
        .append(
          ChainKey(.filter, .forward), Rule([], .jump(.kubeForward)), Counters(packets: 3, bytes: 180))
      ),
      ("-I FORWARD -j ACCEPT", .insert(ChainKey(.filter, .forward), Rule([], .accept), position: 1)),
      ("-I FORWARD 2 -j DROP\n", .insert(ChainKey(.filter, .forward), Rule([], .drop), position: 2)),
      ("-D FORWARD -j DROP", .remove(ChainKey(.filter, .forward), Rule([], .drop))),
      ("-F KUBE-FORWARD", .flush(ChainKey(.filter, .kubeForward))),
      ("-X KUBE-FORWARD", .delete(ChainKey(.filter, .kubeForward))),
      ("", nil),
      ("COMMIT", .commit(.filter)),
    ]
    for (text, event) in lines { #expect(try parser.consume(line: text) == event, "\(text)") }
    #expect(parser.line == lines.count)
  }

  @Test(arguments: [
    ("no table yet", ["-A INPUT -j DROP"], RestoreSyntaxError.Reason.outsideTable),
    ("table is closed", ["*nat", "COMMIT", ":A - [0:0]"], .outsideTable),
    ("an open quote", ["*nat", #"-A A -m comment --comment "x"#], .unterminatedQuote),
    ("something else", ["*nat", "table ip nat {"], .unknownCommand),
    ("an unknown verb", ["*nat", "-Z A"], .unknownCommand),
    ("half a rule", ["*nat", "-A A -m"], .missingWord(after: "-m")),
    ("half an address", ["*nat", "-A A ! -s"], .missingWord(after: "-s")),
    ("no chain", ["*nat", "-A"], .missingWord(after: "-A")),
    ("a word astray", ["*nat", "-A A -j DROP -s 10.0.0.1 10.0.0.2"], .unexpectedWord("10.0.0.2")),
    ("bad counters", ["*nat", "[1:x] -A A -j DROP"], .badCounters("[1:x]")),
    ("bad policy", ["*nat", ":INPUT REJECT [0:0]"], .badPolicy("REJECT")),
  ])
  func `an error names its line`(_ what: String, _ lines: [String], _ reason: RestoreSyntaxError.Reason) throws {
    var parser = RestoreParser()
    for line in lines.dropLast() { _ = try parser.consume(line: line) }
    let last = try #require(lines.last)
    #expect(throws: RestoreSyntaxError(line: lines.count, text: last, reason: reason)) {
      try parser.consume(line: last)
    }
  }

  @Test func `applying events does what iptables-restore does`() throws {
    let rules = try RuleSet(
      family: .ipv4,
      restoring: """
        *nat
        :PREROUTING DROP [0:0]
        :A - [0:0]
        -A A -j ACCEPT
        -A A -s 10.0.0.1/32 -j DROP
        -I A 2 -j RETURN
        -I A -j A2
        -D A -s 10.0.0.1 -j DROP
        :B - [0:0]
        -A B -j DROP
        -F B
        :C - [0:0]
        -X C
        COMMIT
        """)
    #expect(rules[.nat, "A"] == [Rule([], .jump("A2")), Rule([], .accept), Rule([], .return)])
    #expect(rules[.nat, "B"] == [])
    #expect(rules[.nat, "C"] == nil)
    #expect(rules.policies == [ChainKey(.nat, .prerouting): .drop])
  }
}
