import IPTables
import Inspection
import Planner
import RuleAnalysis
import ServiceModel
import Testing

@Suite(.timeLimit(.minutes(5))) struct ExplainerTests {
  /// A question, and phrases that the answer must contain.
  struct Question: Sendable, CustomTestStringConvertible {
    let reason: String
    let from: Vantage
    let to: String
    let summary: Explanation.Summary
    let phrases: [String]
    var testDescription: String { reason }

    init(_ reason: String, _ from: Vantage, _ to: String, _ summary: Explanation.Summary, _ phrases: String...) {
      self.reason = reason
      self.from = from
      self.to = to
      self.summary = summary
      self.phrases = phrases
    }
  }

  static let questions = [
    Question(
      "pods keep their address", .pod, "10.200.1.10:80", .delivered, "from a pod to the cluster IP of Service shop/web",
      "port http", "10.10.2.5:8080", "33.33 %", "node-3", "10.10.1.2"),
    Question(
      "clients outside are masqueraded", .outside, "10.200.1.10:80", .delivered, "an address of this node",
      "the source is outside of the pods' 10.10.0.0/16"),
    Question(
      "hairpin", .address(IPAddress("10.10.1.5")!), "10.200.1.10:80", .delivered,
      "the endpoint is the client itself (hairpin)"),
    Question(
      "node port", .outside, "172.18.0.1:30080", .delivered, "a node port of Service shop/web",
      "traffic to external destinations with externalTrafficPolicy Cluster"),
    Question(
      "inside the source ranges", .address(IPAddress("192.0.2.7")!), "203.0.113.1:80", .delivered,
      "the load-balancer IP of Service shop/web"),
    Question(
      "outside of the source ranges", .address(IPAddress("10.9.0.1")!), "203.0.113.1:80", .failing,
      "source 10.9.0.1 is not in loadBalancerSourceRanges of shop/web:http (192.0.2.0/24)", "dropped"),
    Question(
      "endpoints that no longer serve", .pod, "10.200.1.11:80", .failing, "refused at once",
      "no ready endpoint: 1 not ready, 2 terminating, none serving"),
    Question(
      "internal policy Local", .pod, "10.200.1.12:80", .failing,
      "internalTrafficPolicy Local and no endpoint on this node (node-1); there are some on node-2"),
    Question(
      "external policy Local", .outside, "172.18.0.1:30081", .failing,
      "externalTrafficPolicy Local and no endpoint on this node (node-1); there are some on node-2",
      "use a node that has an endpoint"),
    Question("a port name without its like", .pod, "10.200.1.13:90", .failing, "have no such port, but grcp/TCP"),
    Question("no slice", .pod, "10.200.1.14:80", .failing, "no EndpointSlice belongs to it"),
    Question(
      "another port", .pod, "10.200.1.10:8080", .failing, "there is shop/web with 80/TCP", "not translated",
      "from a pod to an address of Service shop/web, which has no port 8080/TCP"),
    Question(
      "another protocol", .pod, "10.200.1.15:53", .failing, "there is shop/sticky with 53/UDP",
      "from a pod to an address of Service shop/sticky, which has no port 53/TCP"),
    Question(
      "nobody's address", .pod, "10.200.9.9:80", .delivered, "no Service has this address",
      "from a pod to an address that belongs to no Service"),
    Question("the node itself", .outside, "172.18.0.1:22", .delivered, "a process of this host may answer"),
    Question(
      "loopback from elsewhere", .outside, "127.0.0.1:30080", .delivered, "a node port of Service shop/web"),
    Question(
      "another node's port", .outside, "172.18.0.2:30080", .delivered,
      "172.18.0.2 is an address of node node-2, whose own rules decide", "--hostname-override node-2"),
    Question("loopback, no node port", .outside, "127.0.0.1:10249", .failing, "CVE-2020-8558"),
    Question("this host", .host, "10.200.1.10:80", .delivered, "nat    OUTPUT", "172.18.0.1"),
  ]

  /// Both forms of the rules for endpoints give the same answers.
  private static let forms = [EndpointRuleMode.chains, .compact]

  private func answer(_ question: Question, _ form: EndpointRuleMode) throws -> Explanation {
    let to = try #require(SocketAddress(question.to))
    let scene = try SampleCluster.scene { $0.endpointRules = form }
    return try Explainer(scene).explain(from: question.from, to: to, .tcp)
  }

  @Test(arguments: questions, forms) func `answers have reasons`(_ question: Question, _ form: EndpointRuleMode) throws
  {
    let explanation = try answer(question, form)
    let text = ExplanationText(explanation).text
    // Join the lines, because a phrase may be broken over two lines.
    let flat = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    for phrase in question.phrases {
      #expect(flat.contains(phrase.split(separator: " ").joined(separator: " ")), "\(phrase) in:\n\(text)")
    }
    #expect(explanation.summary == question.summary)
    #expect(abs(explanation.choices.reduce(0) { $0 + $1.probability } - 1) < 1e-9)
  }

  @Test(arguments: questions, forms)
  func `text fits a hundred columns`(_ question: Question, _ form: EndpointRuleMode) throws {
    for line in ExplanationText(try answer(question, form)).text.split(separator: "\n") {
      #expect(line.count <= 100, "\(line)")
    }
  }

  @Test(arguments: ["ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"])
  func `pods in the last addresses of the family are explained`(block: String) throws {
    let six = SampleCluster.service("six", "spec: {clusterIP: \"fd00::6\", ports: [{port: 80}]}")
    let scene = try SampleCluster.scene(.ipv6, six) { $0.localTraffic = .source(CIDR(block)!) }
    let answers = try Explainer(scene).explain(from: .pod, toService: SampleCluster.name("shop/six"))
    let explanation = try #require(answers.explanations.first)
    #expect(try #require(CIDR(block)).contains(explanation.packet.source))
  }

  @Test func `text from a rule cannot control the terminal`() throws {
    let dump = """
      *nat
      -A PREROUTING -j KUBE-SERVICES
      -A KUBE-SERVICES -d 10.200.1.10/32 -p tcp -m comment --comment "a\u{1b}[31m\u{202e}b" -m tcp --dport 80 -j DNAT \
      --to-destination 10.10.1.5:8080
      COMMIT

      """
    let rules = try #require(try RuleDump(Array(dump.utf8).span).rules[.ipv4])
    let explainer = Explainer(Scene(rules: rules, host: WalkHost(localAddresses: []), snapshot: nil, options: nil))
    let destination = SocketAddress(try #require(IPAddress("10.200.1.10")), port: 80)
    let explanation = try explainer.explain(from: .outside, to: destination, .tcp)
    let report = DifferenceReport(from: rules, to: RuleSet(family: .ipv4))
    for text in [
      ExplanationText(explanation, isVerbose: true).text, DifferenceText(report, isVerbose: true).text,
    ] {
      #expect(text.contains("a\\u{1b}[31m\\u{202e}b"), "\(text)")
      #expect(text.unicodeScalars.allSatisfy { !$0.isInvisible || $0 == "\n" }, "\(text)")
    }
  }

  @Test func `the whole story of one packet`() throws {
    let explainer = Explainer(try SampleCluster.scene())
    let web = SampleCluster.name("shop/web")
    let explanation = try #require(try explainer.explain(from: .outside, toService: web).explanations.first)
    #expect(
      ExplanationText(explanation).text == """
        192.0.2.1 → 10.200.1.10:80/TCP
          from a client outside to the cluster IP of Service shop/web, port http

          nat    PREROUTING                  1  kubernetes service portals → KUBE-SERVICES
          nat    KUBE-SERVICES               1  shop/web:http cluster IP → KUBE-SVC-67NZLRHBNDSAWJRO
          nat    KUBE-SVC-67NZLRHBNDSAWJRO   1  the source is outside of the pods' 10.10.0.0/16: masquerade
          one of 3 is chosen at random:
            33.33 % nat    KUBE-SVC-67NZLRHBNDSAWJRO   2  → KUBE-SEP-BJNFNYHNRNALUNYR → 10.10.1.5:8080
            33.33 % nat    KUBE-SVC-67NZLRHBNDSAWJRO   3  → KUBE-SEP-GVFEVKBYYAF7LDYO → 10.10.2.5:8080
            33.33 % nat    KUBE-SVC-67NZLRHBNDSAWJRO   4  → KUBE-SEP-H2SZ3CTAAGR4KRRO → 10.10.3.5:8080
          filter FORWARD                     2  kubernetes forwarding rules → KUBE-FORWARD
          filter KUBE-FORWARD                2  kubernetes forwarding rules: accepted
          nat    POSTROUTING                 1  kubernetes postrouting rules → KUBE-POSTROUTING
          nat    KUBE-POSTROUTING            2  take the mark back
          nat    KUBE-POSTROUTING            3  the source becomes an address of this node

          reaches            chance  node    sees
          10.10.1.5:8080    33.33 %  node-1  an address of this node
          10.10.2.5:8080    33.33 %  node-2  an address of this node
          10.10.3.5:8080    33.33 %  node-3  an address of this node
          masqueraded, as the source is outside of the pods' 10.10.0.0/16

        """)
  }

  @Test func `the story of a hairpin without endpoint chains`() throws {
    let explainer = Explainer(try SampleCluster.scene { $0.endpointRules = .compact })
    let client = try #require(IPAddress("10.10.1.5"))
    let destination = SocketAddress(try #require(IPAddress("10.200.1.10")), port: 80)
    let explanation = try explainer.explain(from: .address(client), to: destination, .tcp)
    let text = ExplanationText(explanation).text
    let chosen = "33.33 % nat    KUBE-SVC-67NZLRHBNDSAWJRO   2  the destination becomes 10.10.1.5:8080"
    #expect(text.contains(chosen), "\(text)")
    let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    let seenAs = "33.33 % node-1 an address of this node, as the endpoint is the client itself (hairpin)"
    #expect(words.contains(seenAs), "\(text)")
    let seen = Dictionary(uniqueKeysWithValues: explanation.choices.map { ($0.destination.description, $0.source) })
    #expect(
      seen == [
        "10.10.1.5:8080": .masqueraded, "10.10.2.5:8080": .kept(client), "10.10.3.5:8080": .kept(client),
      ])
  }

  @Test func `all addresses of a Service`() throws {
    let explainer = Explainer(try SampleCluster.scene())
    let web = SampleCluster.name("shop/web")
    let all = try explainer.explain(from: .outside, toService: web, all: true).explanations
    #expect(
      all.map { "\($0.subject?.kind.name ?? "") \($0.packet.destination)" } == [
        "cluster IP 10.200.1.10:80", "external IP 198.51.100.1:80", "load-balancer IP 203.0.113.1:80",
        "node port 172.18.0.1:30080",
      ])
    #expect(try explainer.explain(from: .pod, toService: web, port: "http").explanations.count == 1)
    #expect(throws: ExplainError.noSuchPort(web, "x", known: ["http"])) {
      try explainer.explain(from: .pod, toService: web, port: "x")
    }
    let nobody = SampleCluster.name("shop/nobody")
    #expect(throws: ExplainError.noSuchService(nobody)) { try explainer.explain(from: .pod, toService: nobody) }
  }

  /// With a dump there are no objects. The answer is the same, except for reasons that come from objects.
  @Test func `rules without objects give the same destinations`() throws {
    let planned = try SampleCluster.scene()
    let dump = Scene(rules: planned.rules, host: planned.host)
    let web = SampleCluster.name("shop/web")
    for vantage in [Vantage.pod, .outside, .host] {
      let one = try Explainer(planned).explain(from: vantage, toService: web, all: true).explanations
      let other = try Explainer(dump).explain(from: vantage, toService: web, all: true).explanations
      #expect(one.map(\.subject) == other.map(\.subject))
      #expect(one.map { $0.choices.map(\.destination) } == other.map { $0.choices.map(\.destination) })
      #expect(one.map { $0.choices.map(\.verdict) } == other.map { $0.choices.map(\.verdict) })
    }
  }

  @Test(arguments: [
    (IPFamily.ipv4, "127.0.0.1", "node ports do not answer on loopback here"),
    (.ipv6, "::1", "IPv6 has no node ports on loopback"),
  ])
  func `loopback without node ports`(_ family: IPFamily, _ address: String, _ why: String) throws {
    let service = SampleCluster.service(
      "six",
      """
      spec:
        type: NodePort
        clusterIP: fd00::10
        clusterIPs: ["fd00::10", 10.200.1.70]
        ports: [{port: 80, nodePort: 30090}]
      """)
    let endpoint = "{addresses: [\"\(family == .ipv4 ? "10.10.1.70" : "fd00::70")\"], nodeName: node-1}"
    let slice = SampleCluster.slice("six", "{port: 80}", [endpoint], family: family)
    let scene = try SampleCluster.scene(family, service + slice) { $0.localhostNodePorts = false }
    let loopback = SocketAddress(try #require(IPAddress(address)), port: 30090)
    let explanation = try Explainer(scene).explain(from: .host, to: loopback, .tcp)
    #expect(explanation.choices.map(\.isTranslated) == [false])
    #expect(explanation.choices.first?.reason?.contains("30090 is a node port of shop/six, but \(why)") == true)
  }

  @Test func `a Service of the other family only`() throws {
    let web = SampleCluster.name("shop/web")
    #expect(throws: ExplainError.noClusterIP(web, .ipv6)) {
      try Explainer(SampleCluster.scene(.ipv6)).explain(from: .pod, toService: web)
    }
  }

  @Test func `foreign rules that decide are named`() throws {
    var rules = try SampleCluster.scene().rules
    rules[.filter, .forward]?.insert(
      Rule([.other(["-m", "set", "--match-set", "blocked", "src"])], .drop), at: 0)
    let scene = Scene(rules: rules, host: try SampleCluster.scene().host)
    let explanation = try #require(
      try Explainer(scene).explain(from: .pod, toService: SampleCluster.name("shop/web")).explanations.first)
    #expect(
      explanation.notes == [
        "filter FORWARD rule 1 cannot be evaluated (-m set --match-set blocked src); taken as not matching"
      ])
  }

  /// `! -i` needs an interface, which the vantage point determines.
  @Test(arguments: [(Vantage.pod, true), (.outside, false)])
  func `pods are recognised by their interface`(_ vantage: Vantage, _ isKept: Bool) throws {
    let scene = try SampleCluster.scene {
      $0.localTraffic = .interface(InterfacePattern(name: "veth", isPrefix: true)!)
    }
    let explanation = try #require(
      try Explainer(scene).explain(from: vantage, toService: SampleCluster.name("shop/web")).explanations.first)
    #expect(explanation.choices.allSatisfy { ($0.source != .masqueraded) == isKept })
    #expect(explanation.notes.isEmpty)
  }

  @Test func `a Service of many endpoints stays readable`() throws {
    let endpoints = (0..<400).map { "{addresses: [10.11.\($0 / 200).\($0 % 200 + 1)]}" }
    let more =
      SampleCluster.service("big", "spec: {clusterIP: 10.200.1.99, ports: [{port: 80}]}")
      + SampleCluster.slice("big", "{port: 80}", endpoints)
    let explainer = Explainer(try SampleCluster.scene(.ipv4, more))
    let explanation = try #require(
      try explainer.explain(from: .pod, toService: SampleCluster.name("shop/big")).explanations.first)
    #expect(explanation.choices.count == 400)
    let text = ExplanationText(explanation).text
    #expect(text.split(separator: "\n").count < 60)
    #expect(text.contains("390 more, together 97.50 %"))
    #expect(ExplanationText(explanation, isVerbose: true).text.split(separator: "\n").count > 800)
  }
}
