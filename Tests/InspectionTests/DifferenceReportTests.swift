import IPTables
import Inspection
import Planner
import ServiceModel
import Testing

@Suite(.timeLimit(.minutes(5))) struct DifferenceReportTests {
  private func damaged() throws -> (actual: RuleSet, expected: RuleSet) {
    let expected = try SampleCluster.scene().rules
    var actual = expected
    for (name, rules) in expected.tables[.nat] ?? [:] {
      // One endpoint fewer for shop/web, another address for shop/sticky's first endpoint.
      if rules.contains(where: { $0.description.contains("10.10.3.5:8080") && $0.jumpTarget != nil }) {
        actual[.nat, name] = Array(rules.dropLast())
      }
      for (index, rule) in rules.enumerated() where rule.description.contains("10.10.1.11:53") && rule.jumpTarget == nil
      {
        actual[.nat, name]?[index].target = .destinationNAT(SocketAddress(IPAddress("10.10.1.99")!, port: 53))
      }
    }
    actual[.nat, .prerouting] = [Rule([.other(["-p", "icmp"])], .accept)]
    actual[.filter, .forward]?.insert(Rule([], .jump("DOCKER-USER")), at: 0)
    return (actual, expected)
  }

  @Test func `differences are grouped by Service`() throws {
    let rules = try damaged()
    let report = DifferenceReport(from: rules.actual, to: rules.expected)
    #expect(report.groups.map { $0.service?.description } == [nil, "shop/sticky", "shop/web"])
    #expect(report.groups.map(\.items.count) == [1, 1, 1])
    #expect(report.remarks.count == 1)
    #expect(!report.isEmpty)
  }

  @Test func `the text names chain place and rule`() throws {
    let rules = try damaged()
    let text = DifferenceText(DifferenceReport(from: rules.actual, to: rules.expected)).text
    #expect(
      text == """
        IPv4: 3 differences, 2 Services affected

        Rules without a Service
          nat PREROUTING
            missing jump    -m comment --comment "kubernetes service portals" -j KUBE-SERVICES

        Service shop/sticky
          nat KUBE-SEP-ZVBRZBVPJ6ZZMY7I
            changed at 2    is: -m udp -p udp -m comment --comment shop/sticky:dns -m recent --name
                              KUBE-SEP-ZVBRZBVPJ6ZZMY7I --set -j DNAT --to-destination 10.10.1.99:53
                            should be: -m udp -p udp -m comment --comment shop/sticky:dns -m recent --name
                              KUBE-SEP-ZVBRZBVPJ6ZZMY7I --set -j DNAT --to-destination 10.10.1.11:53

        Service shop/web
          nat KUBE-SVC-67NZLRHBNDSAWJRO
            missing at 4    -m comment --comment "shop/web:http -> 10.10.3.5:8080" -j
                              KUBE-SEP-H2SZ3CTAAGR4KRRO

        Rules of other programs, not counted as differences
          filter FORWARD
            foreign at 1    -j DOCKER-USER (before the jump to KUBE-PROXY-FIREWALL)

        """)
    for line in text.split(separator: "\n") { #expect(line.count <= 100) }
  }

  @Test func `equal rules are equal whatever their order`() throws {
    let expected = try SampleCluster.scene().rules
    var actual = expected
    actual[.filter, .externalServices]?.reverse()
    actual[.nat, .nodePorts]?.reverse()
    let report = DifferenceReport(from: actual, to: expected)
    #expect(report.isEmpty)
    #expect(DifferenceText(report).text == "IPv4: no difference\n")
  }

  @Test func `sides have names and long lists are cut`() throws {
    let expected = try SampleCluster.scene().rules
    let masquerading = try SampleCluster.scene { $0.masqueradeAll = true }.rules
    let report = DifferenceReport(from: expected, to: masquerading)
    let text = DifferenceText(report, sides: .init(actual: "now", expected: "then")).text
    #expect(text.contains("now: ") && text.contains("then: "))
    let empty = DifferenceReport(from: RuleSet(family: .ipv4), to: expected)
    let cut = DifferenceText(empty).text
    let full = DifferenceText(empty, isVerbose: true).text
    #expect(full.split(separator: "\n").count > cut.split(separator: "\n").count)
  }
}
