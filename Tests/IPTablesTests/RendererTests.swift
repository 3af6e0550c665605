import ServiceModel
import Testing

@testable import IPTables

/// Every condition and target, spelled as iptables-restore reads it.
@Suite(.timeLimit(.minutes(5))) struct RendererTests {
  private static let v4 = IPAddress("10.10.1.5")!
  private static let v6 = IPAddress("fd00:10:10:1::5")!

  static let matches: [(Match, String)] = [
    (.comment(Comment("default/web")!), "-m comment --comment default/web"),
    (.comment(Comment("default/web cluster IP")!), "-m comment --comment \"default/web cluster IP\""),
    (.transport(.tcp), "-m tcp -p tcp"), (.transport(.udp), "-m udp -p udp"), (.transport(.sctp), "-m sctp -p sctp"),
    (.source(.host(v4)), "-s 10.10.1.5"), (.source(.host(v6), negated: true), "! -s fd00:10:10:1::5"),
    (.source(.network(CIDR("10.10.0.0/16")!)), "-s 10.10.0.0/16"),
    (.source(.network(CIDR(host: v4))), "-s 10.10.1.5/32"),
    (.destination(.host(v6)), "-d fd00:10:10:1::5"),
    (.destination(.network(CIDR("fd00:10:10::/48")!), negated: true), "! -d fd00:10:10::/48"),
    (.destination(.network(CIDR("0.0.0.0/0")!)), "-d 0.0.0.0/0"),
    (.destinationPort(80...80), "--dport 80"), (.destinationPort(0...65535), "--dport 0:65535"),
    (.inInterface(InterfacePattern(name: "cni0", isPrefix: false)!), "-i cni0"),
    (.inInterface(InterfacePattern(name: "veth", isPrefix: true)!, negated: true), "! -i veth+"),
    (.sourceType(.local), "-m addrtype --src-type LOCAL"), (.destinationType(.local), "-m addrtype --dst-type LOCAL"),
    (.connectionState(.new), "-m conntrack --ctstate NEW"),
    (
      .connectionState([.dnat, .established, .related], negated: true),
      "-m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT"
    ),
    (
      .connectionState([.invalid, .new, .untracked, .snat]), "-m conntrack --ctstate INVALID,NEW,UNTRACKED,SNAT"
    ),
    (.mark(0x4000, mask: 0x4000), "-m mark --mark 0x00004000/0x00004000"),
    (.mark(0x8000_0000, mask: 0xffff_ffff, negated: true), "-m mark ! --mark 0x80000000/0xffffffff"),
    (.statistic(Probability(1, of: 3)), "-m statistic --mode random --probability 0.3333333333"),
    (
      .recentCheck(name: "KUBE-SEP-V2PECCYPB6X2GSCW", seconds: 10800),
      "-m recent --name KUBE-SEP-V2PECCYPB6X2GSCW --rcheck --seconds 10800 --reap"
    ),
    (.recentSet(name: "KUBE-SEP-V2PECCYPB6X2GSCW"), "-m recent --name KUBE-SEP-V2PECCYPB6X2GSCW --set"),
    (.accounting(name: "dropped"), "-m nfacct --nfacct-name dropped"),
  ]

  @Test(arguments: matches) func `match text`(_ match: Match, _ text: String) {
    #expect(Rule([match], nil).description == text)
    #expect(Rule([match, .transport(.udp)], .accept).description == text + " -m udp -p udp -j ACCEPT")
  }

  static let targets: [(Target, String)] = [
    (.jump("KUBE-SVC-NPX46M4PTMTKRN6Y"), "-j KUBE-SVC-NPX46M4PTMTKRN6Y"), (.goTo("KUBE-SERVICES"), "-g KUBE-SERVICES"),
    (.accept, "-j ACCEPT"), (.drop, "-j DROP"), (.reject, "-j REJECT"), (.return, "-j RETURN"),
    (.masquerade(randomFully: true), "-j MASQUERADE --random-fully"),
    (.masquerade(randomFully: false), "-j MASQUERADE"),
    (.setMark(0x4000), "-j MARK --or-mark 0x00004000"), (.flipMark(1), "-j MARK --xor-mark 0x00000001"),
    (.destinationNAT(SocketAddress(v4, port: 8080)), "-j DNAT --to-destination 10.10.1.5:8080"),
    (.destinationNAT(SocketAddress(v6, port: 8080)), "-j DNAT --to-destination [fd00:10:10:1::5]:8080"),
  ]

  @Test(arguments: targets) func `target text`(_ target: Target, _ text: String) {
    #expect(Rule([], target).description == text)
  }

  @Test func `the lines of a restore`() {
    var renderer = Renderer()
    renderer.begin(.nat)
    renderer.declare("KUBE-SVC-NPX46M4PTMTKRN6Y")
    renderer.append(Rule([], .jump(.services)), to: .prerouting)
    renderer.insert(Rule([], .accept), into: .services, at: 1)
    renderer.insert(Rule([], .drop), into: .services, at: 2)
    renderer.remove(Rule([], .accept), from: .services)
    renderer.delete(.services)
    renderer.commit()
    let bytes = renderer.take()
    #expect(
      String(decoding: bytes, as: UTF8.self) == """
        *nat
        :KUBE-SVC-NPX46M4PTMTKRN6Y - [0:0]
        -A PREROUTING -j KUBE-SERVICES
        -I KUBE-SERVICES -j ACCEPT
        -I KUBE-SERVICES 2 -j DROP
        -D KUBE-SERVICES -j ACCEPT
        -X KUBE-SERVICES
        COMMIT

        """)
    #expect(renderer.bytes == [], "what was taken is gone")
  }

  @Test func `foreign words are quoted if needed`() {
    let rule = Rule([.other(["-m", "set", "--match-set", "a b", "src"])], .other(["LOG", "--log-prefix", "x: "]))
    #expect(rule.description == #"-m set --match-set "a b" src -j LOG --log-prefix "x: ""#)
  }
}
