import IPTables
import Inspection
import Planner
import RuleAnalysis
import ServiceModel
import Testing

/// Two Services that claim one address. Service one has endpoint 10.10.1.71, two 10.10.1.72, three 10.10.1.73, four
/// none; the rest is as in `SampleCluster`.
@Suite(.timeLimit(.minutes(5))) struct ClashTests {
  private static func service(_ name: String, _ number: Int, _ spec: String = "", endpoint: Bool = true) -> String {
    SampleCluster.service(
      name,
      """
      spec:
        type: \(spec.contains("nodePort") ? "NodePort" : "ClusterIP")
        \(spec)
        clusterIP: 10.200.1.\(number)
        \(spec.contains("ports:") ? "" : "ports: [{port: 80}]")
      """)
      + SampleCluster.slice(
        name, "{port: 8080}", endpoint ? ["{addresses: [10.10.1.\(number)], nodeName: node-1}"] : [])
  }

  private static let external = "externalIPs: [198.51.100.7]"
  private static let objects =
    service("one", 71, external) + service("two", 72, external)
    + service("three", 73, "externalIPs: [10.200.1.71]") + service("four", 74, external, endpoint: false)

  private static let claims =
    "several Services claim 198.51.100.7:80/TCP: shop/one (external IP), shop/two (external IP), shop/four (external IP); "
    + "shop/one wins: claims of the same kind are ordered by namespace, name and port name, and the first one wins"

  private func answer(
    _ service: String, _ kind: ServiceAddress.Kind, at address: String? = nil, in scene: Scene
  ) throws -> Explanation {
    let all = try Explainer(scene).explain(from: .outside, toService: SampleCluster.name(service), all: true)
    return try #require(
      all.explanations.first {
        $0.subject?.kind == kind && (address == nil || $0.packet.destination.address.description == address)
      })
  }

  @Test func `the winner names the others`() throws {
    let explanation = try answer("shop/one", .externalIP, in: SampleCluster.scene(.ipv4, Self.objects))
    #expect(explanation.notes == [Self.claims])
    #expect(explanation.summary == .delivered)
    #expect(explanation.choices.map(\.reason) == [nil])
  }

  @Test(arguments: ["shop/two", "shop/four"])
  func `the explanation of the loser names the Service that gets the packets`(_ service: String) throws {
    let explanation = try answer(service, .externalIP, in: SampleCluster.scene(.ipv4, Self.objects))
    #expect(explanation.notes == [Self.claims], "nothing is said of endpoints that rules do not lead to")
    #expect(explanation.summary == .failing)
    #expect(explanation.choices.map(\.isMissed) == [true])
    #expect(
      explanation.choices.first?.reason
        == "Service shop/one claims this address and port too, and gets the packet: "
        + "claims of the same kind are ordered by namespace, name and port name, and the first one wins")
    #expect(explanation.choices.first?.advice == "give one of the Services another address or port")
    #expect(explanation.choices.first?.node == "node-1")
    let text = ExplanationText(explanation).text
    #expect(text.contains("  goes to another Service\n"))
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
  }

  @Test func `an address in question is explained as the winner's`() throws {
    let scene = try SampleCluster.scene(.ipv4, Self.objects)
    let to = SocketAddress(IPAddress("10.200.1.71")!, port: 80)
    let explanation = try Explainer(scene).explain(from: .pod, to: to, .tcp)
    #expect(explanation.subject?.label.description == "shop/one")
    #expect(explanation.subject?.kind == .clusterIP)
    #expect(explanation.summary == .delivered)
    #expect(
      explanation.notes == [
        "several Services claim 10.200.1.71:80/TCP: shop/one (cluster IP), shop/three (external IP); shop/one wins: "
          + "the rule for a cluster IP stands before the rule for an external IP"
      ])
    let loser = try answer("shop/three", .externalIP, in: scene)
    #expect(loser.summary == .failing)
    #expect(loser.notes == explanation.notes)
  }

  @Test func `node ports`() throws {
    let port = "ports: [{port: 80, nodePort: 30099}]"
    let scene = try SampleCluster.scene(.ipv4, Self.service("a", 75, port) + Self.service("b", 76, port))
    #expect(try answer("shop/a", .nodePort, in: scene).summary == .delivered)
    let loser = try answer("shop/b", .nodePort, in: scene)
    #expect(loser.summary == .failing)
    #expect(
      loser.notes == [
        "several Services claim node port 30099/TCP: shop/a (node port), shop/b (node port); shop/a wins: "
          + "claims of the same kind are ordered by namespace, name and port name, and the first one wins"
      ])
  }

  @Test func `refusals are explained for the Service in question`() throws {
    let objects =
      Self.service("a", 75, "externalIPs: [198.51.100.8]", endpoint: false)
      + Self.service("b", 76, "externalIPs: [198.51.100.8]", endpoint: false)
    let explanation = try answer("shop/b", .externalIP, in: SampleCluster.scene(.ipv4, objects))
    #expect(explanation.choices.map(\.verdict) == [.rejected])
    #expect(
      explanation.choices.first?.reason
        == "Service shop/b has no endpoint to send to (its EndpointSlices list no endpoint at all)")
    #expect(explanation.notes.count == 1)
    #expect(explanation.notes.first?.contains("shop/a (external IP), shop/b (external IP); shop/a wins: none") == true)
  }

  /// kube-proxy's order changes with each start.
  @Test func `rules in another order than planned`() throws {
    let planned = try SampleCluster.scene(.ipv4, Self.objects)
    var rules = planned.rules
    rules[.nat, .services]?.reverse()
    let to = SocketAddress(IPAddress("198.51.100.7")!, port: 80)
    let scene = Scene(rules: rules, host: planned.host, snapshot: planned.snapshot, options: planned.options)
    let explanation = try Explainer(scene).explain(from: .outside, to: to, .tcp)
    #expect(explanation.subject?.label.description == "shop/two")
    #expect(
      explanation.notes.first?.contains("shop/one wins, but this packet goes to shop/two") == true,
      "\(explanation.notes)")
    let dump = Scene(rules: rules, host: planned.host)
    let alone = try Explainer(dump).explain(from: .outside, to: to, .tcp)
    #expect(alone.subject?.label.description == "shop/two")
    #expect(
      alone.notes.first?.hasSuffix("in these rules shop/two gets this packet because its rule comes first") == true)
  }

  @Test func `the same address with another protocol is no clash`() throws {
    let objects =
      Self.service("a", 75, "externalIPs: [198.51.100.8]")
      + Self.service("b", 76, "externalIPs: [198.51.100.8]\n  ports: [{port: 80, protocol: UDP}]")
    let explanation = try answer("shop/a", .externalIP, in: SampleCluster.scene(.ipv4, objects))
    #expect(explanation.notes == [])
    #expect(explanation.summary == .delivered)
  }
}
