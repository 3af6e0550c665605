import Foundation
import Inspection
import Planner
import ServiceModel
import Testing

/// What `explain` says of topology hints. This is node-1; endpoint N is 10.10.N.50:8080 on node-N, in zone-N unless the
/// hints say otherwise.
@Suite(.timeLimit(.minutes(5))) struct HintTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let reason: String
    /// Of endpoints 1, 2 and 3, as an EndpointSlice has them.
    let hints: [String]
    var zone: String? = "zone-1"
    var spec = ""
    /// The endpoints that are reached.
    let reached: [Int]
    let text: [String]
    var testDescription: String { reason }
  }

  static let zones = (1...3).map { "hints: {forZones: [{name: zone-\($0)}]}" }

  static let cases = [
    Case(
      reason: "zones", hints: zones, reached: [1],
      text: [
        "not used here: zone hints keep traffic in this node's zone (zone-1)",
        "10.10.2.50:8080  for zone zone-2, runs on node-2", "10.10.3.50:8080  for zone zone-3, runs on node-3",
      ]),
    Case(
      reason: "nodes before zones",
      hints: (1...3).map { "hints: {forNodes: [{name: node-\($0)}], forZones: [{name: zone-1}]}" }, reached: [1],
      text: [
        "not used here: node hints keep traffic on this node (node-1)",
        "10.10.2.50:8080  for node node-2, runs on node-2", "10.10.3.50:8080  for node node-3, runs on node-3",
      ]),
    Case(
      reason: "no endpoint on this node, but in its zone",
      hints: [1, 1, 2].map { "hints: {forNodes: [{name: node-9}], forZones: [{name: zone-\($0)}]}" }, reached: [1, 2],
      text: [
        "node hints are not used: no ready endpoint's hint is for this node (node-1)",
        "not used here: zone hints keep traffic in this node's zone (zone-1)",
        "10.10.3.50:8080  for zone zone-2, runs on node-3",
      ]),
    Case(
      reason: "several zones for one endpoint",
      hints: [zones[0], "hints: {forZones: [{name: zone-1}, {name: zone-2}]}", zones[2]], reached: [1, 2],
      text: [
        "not used here: zone hints keep traffic in this node's zone (zone-1)",
        "10.10.3.50:8080  for zone zone-3, runs on node-3",
      ]),
    Case(
      reason: "an endpoint without hints", hints: [zones[0], zones[1], "zone: zone-3"], reached: [1, 2, 3],
      text: [
        "zone hints are not used: endpoint 10.10.3.50:8080 has none, and all endpoints must have hints"
      ]),
    Case(
      reason: "two endpoints without hints", hints: [zones[0], "zone: zone-2", "zone: zone-3"], reached: [1, 2, 3],
      text: [
        "zone hints are not used: 2 endpoints have none (10.10.2.50:8080, 10.10.3.50:8080), and all",
        "endpoints must have hints",
      ]),
    Case(
      reason: "a node without a zone", hints: zones, zone: nil, reached: [1, 2, 3],
      text: ["zone hints are not used: Node node-1 has no label topology.kubernetes.io/zone"]),
    Case(
      reason: "no endpoint for the zone", hints: zones, zone: "zone-9", reached: [1, 2, 3],
      text: ["zone hints are not used: no ready endpoint's hint is for this node's zone (zone-9)"]),
    Case(reason: "no hints", hints: ["zone: zone-1", "zone: zone-2", "zone: zone-3"], reached: [1, 2, 3], text: []),
    Case(
      reason: "an endpoint that is not ready is none that hints leave out",
      hints: [zones[0], zones[1] + ", conditions: {ready: false}", zones[2]], reached: [1],
      text: [
        "not used here: zone hints keep traffic in this node's zone (zone-1)",
        "10.10.3.50:8080  for zone zone-3, runs on node-3",
      ]),
    Case(
      reason: "nor do its missing hints matter",
      hints: [zones[0], "conditions: {ready: false}", zones[2]], reached: [1],
      text: [
        "not used here: zone hints keep traffic in this node's zone (zone-1)",
        "10.10.3.50:8080  for zone zone-3, runs on node-3",
      ]),
    Case(
      reason: "policy Local does not ask for hints", hints: ["zone: zone-1", zones[1], zones[2]],
      spec: "internalTrafficPolicy: Local", reached: [1], text: []),
  ]

  private func explanation(_ test: Case, change: (inout PlannerOptions) -> Void = { _ in }) throws -> Explanation {
    let endpoints = test.hints.enumerated().map {
      "{addresses: [10.10.\($0 + 1).50], nodeName: node-\($0 + 1), \($1)}"
    }
    let service = SampleCluster.service(
      "near",
      """
      spec:
        clusterIP: 10.200.1.50
        ports: [{name: http, port: 80}]
        \(test.spec)
      """)
    let slice = SampleCluster.slice("near", "{name: http, port: 8080}", endpoints)
    let scene = try SampleCluster.scene(.ipv4, service + slice) {
      $0.zone = test.zone
      change(&$0)
    }
    return try #require(
      try Explainer(scene).explain(from: .pod, toService: SampleCluster.name("shop/near")).explanations.first)
  }

  /// What comes after the table of the endpoints that are reached, up to the notes.
  private func ending(_ explanation: Explanation, _ reached: [Int]) -> [String] {
    let lines = ExplanationText(explanation).text.split(separator: "\n").map { $0.drop { $0 == " " } }
    guard let table = lines.lastIndex(where: { $0.hasPrefix("reaches") }) else { return [] }
    return lines.dropFirst(table + 1 + reached.count).prefix { !$0.hasPrefix("note: ") }.map(String.init)
  }

  @Test(arguments: cases) func `hints are shown`(_ test: Case) throws {
    let explanation = try explanation(test)
    let reached = explanation.choices.map(\.destination.description)
    #expect(reached == test.reached.map { "10.10.\($0).50:8080" })
    #expect(ending(explanation, test.reached) == test.text)
    #expect(ExplanationText(explanation).text.split(separator: "\n").allSatisfy { $0.count <= 100 })
    #expect((explanation.hints == nil) == test.text.isEmpty)
  }

  @Test func `a node that does not exist has no zone`() throws {
    let explanation = try explanation(Case(reason: "", hints: Self.zones, zone: nil, reached: [], text: [])) {
      $0.nodeName = "node-8"
    }
    #expect(explanation.hints?.ignored.map(\.reason) == ["Node node-8 does not exist, so its zone is not known"])
  }

  /// The text says how many there are, `--verbose` all of them.
  @Test func `many endpoints left out`() throws {
    let hints = [Self.zones[0]] + (0..<20).map { _ in Self.zones[1] }
    let explanation = try explanation(Case(reason: "", hints: hints, reached: [], text: []))
    #expect(explanation.hints?.leftOut.count == 20)
    let ending = ending(explanation, [1])
    #expect(ending.count == 12)
    #expect(ending.last == "… 10 more (--verbose shows them)")
  }

  @Test func `JSON says the same`() throws {
    let narrowed = try explanation(Self.cases[2])
    let data = try JSONEncoder().encode(ExplanationDocument(narrowed))
    let document = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let hints = try #require(document["hints"] as? [String: Any])
    #expect(hints["inForce"] as? String == "zone")
    #expect(hints["place"] as? String == "zone-1")
    let leftOut = try #require(hints["leftOut"] as? [[String: Any]])
    #expect(leftOut.map { $0["endpoint"] as? String } == ["10.10.3.50:8080"])
    #expect(leftOut.map { $0["places"] as? [String] } == [["zone-2"]])
    #expect(leftOut.map { $0["node"] as? String } == ["node-3"])
    let ignored = try #require(hints["ignored"] as? [[String: String]])
    #expect(
      ignored == [["kind": "node", "reason": "no ready endpoint's hint is for this node (node-1)"]])
  }
}
