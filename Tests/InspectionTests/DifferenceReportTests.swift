import IPTables
import Inspection
import Planner
import ServiceModel
import Testing

@Suite(.timeLimit(.minutes(5))) struct DifferenceReportTests {
  private func damaged(_ form: EndpointRuleMode = .chains) throws -> (actual: RuleSet, expected: RuleSet) {
    let expected = try SampleCluster.scene { $0.endpointRules = form }.rules
    var actual = expected
    for (name, rules) in expected.tables[.nat] ?? [:] {
      // One endpoint fewer for shop/web, another address for shop/sticky's first endpoint.
      if name.prefix == .cluster, rules.contains(where: { $0.description.contains("10.10.3.5:8080") }) {
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

  @Test(arguments: [EndpointRuleMode.chains, .compact])
  func `differences are grouped by service`(_ form: EndpointRuleMode) throws {
    let rules = try damaged(form)
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

        Rules of no single Service
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

  /// So many Services that dispatch needs trees.
  private static let many = (0..<40).map { number in
    SampleCluster.service("many-\(number)", "spec: {clusterIP: 10.200.2.\(number), ports: [{port: 80}]}")
      + SampleCluster.slice("many-\(number)", "{port: 80}", ["{addresses: [10.10.2.\(100 + number)]}"])
  }.joined()

  /// Which chains a test takes away.
  enum Part: CaseIterable { case wellKnown, trees, both }

  @Test(arguments: [false, true], Part.allCases)
  func `a whole chain that Services share belongs to none of them`(_ isExtra: Bool, _ part: Part) throws {
    let flat = try SampleCluster.scene(.ipv4, Self.many) { $0.dispatch = .flat }.rules
    let all = try SampleCluster.scene(.ipv4, Self.many) { $0.dispatch = .indexed }.rules
    var rest = all
    var count = 0
    for (table, chains) in all.tables {
      for name in chains.keys where name.isServiceProxys && name != .kubeFirewall {
        let kind: Part? = name.prefix == nil ? .wellKnown : flat[table, name] == nil ? .trees : nil
        guard let kind, part == kind || part == .both else { continue }
        rest[table, name] = nil
        count += 1
      }
    }
    #expect(count > 1)
    let report = isExtra ? DifferenceReport(from: all, to: rest) : DifferenceReport(from: rest, to: all)
    #expect(report.groups.map(\.service) == [nil])
    #expect(report.groups.map(\.items.count) == [count])
    let lines = DifferenceText(report).text.split(separator: "\n")
    #expect(lines.prefix(2) == ["IPv4: \(count) differences", "Rules of no single Service"])
  }

  @Test(arguments: [DispatchMode.flat, .indexed])
  func `one rule of a chain that Services share belongs to its Service`(_ mode: DispatchMode) throws {
    let expected = try SampleCluster.scene(.ipv4, Self.many) { $0.dispatch = mode }.rules
    var actual = expected
    for (name, rules) in expected.tables[.nat] ?? [:] {
      actual[.nat, name] = rules.filter { rule in
        rule.jumpTarget?.prefix != .cluster || !rule.description.contains("shop/many-7 cluster IP")
      }
    }
    let report = DifferenceReport(from: actual, to: expected)
    #expect(report.groups.map { $0.service?.description } == ["shop/many-7"])
    #expect(report.groups.map(\.items.count) == [1])
  }

  /// With masqueradeAll, a rule in a Service's chain matches the Service's address, like a rule of a dispatch chain.
  @Test(arguments: [false, true])
  func `a chain of one Service stays with it when no chain leads to it`(_ masqueradeAll: Bool) throws {
    var actual = try SampleCluster.scene { $0.masqueradeAll = masqueradeAll }.rules
    let left = (actual.tables[.nat] ?? [:]).filter { name, rules in
      name.prefix == .cluster && rules.contains { $0.description.contains("shop/web:http cluster IP") }
    }
    #expect(left.count == 1)
    actual.tables = [.nat: left]
    let report = DifferenceReport(from: actual, to: RuleSet(family: .ipv4))
    #expect(report.groups.map { $0.service?.description } == ["shop/web"])
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
