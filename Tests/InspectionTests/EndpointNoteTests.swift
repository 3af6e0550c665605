import IPTables
import Inspection
import Planner
import ServiceModel
import Testing

/// Notes about endpoints, besides the way to them. This is node-1.
@Suite(.timeLimit(.minutes(5))) struct EndpointNoteTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let reason: String
    var spec = ""
    let endpoints: [String]
    var from: Vantage = .pod
    let notes: [String]
    var testDescription: String { reason }
  }

  private static let draining = "conditions: {ready: false, serving: true, terminating: true}"
  private static let gone = "conditions: {ready: false, serving: false, terminating: true}"
  private static let unready = "conditions: {ready: false}"

  static let cases = [
    Case(reason: "all are used", endpoints: ["nodeName: node-1", "nodeName: node-2"], notes: []),
    Case(
      reason: "some cannot serve",
      endpoints: ["nodeName: node-1", unready, gone, unready, unready, unready, draining],
      notes: [
        "endpoints not used: 10.10.1.60, 10.10.3.60, 10.10.4.60 and 1 more (not ready); "
          + "10.10.2.60 (terminating, not serving); 10.10.6.60 (terminating)"
      ]),
    Case(
      reason: "all are on their way out", endpoints: [draining, gone],
      notes: [
        "no endpoint is ready: terminating endpoints that still serve are used",
        "endpoints not used: 10.10.1.60 (terminating, not serving)",
      ]),
    Case(
      reason: "policy Local", spec: "internalTrafficPolicy: Local",
      endpoints: ["nodeName: node-1", "nodeName: node-2", "nodeName: node-1, \(unready)"],
      notes: ["endpoints not used: 10.10.1.60 (on other nodes, policy Local); 10.10.2.60 (not ready)"]),
    Case(
      reason: "policy Local, on the way out", spec: "internalTrafficPolicy: Local",
      endpoints: ["nodeName: node-1, \(draining)", "nodeName: node-2"],
      notes: [
        "no endpoint on this node is ready: terminating endpoints that still serve are used",
        "endpoints not used: 10.10.1.60 (on other nodes, policy Local)",
      ]),
    Case(
      reason: "affinity", spec: "sessionAffinity: ClientIP", endpoints: ["nodeName: node-1", "nodeName: node-2"],
      notes: [
        "session affinity: a client goes back to the endpoint that it used in the last 10800 s; "
          + "this answer is for a client that used none"
      ]),
    Case(
      reason: "hints have their own words",
      endpoints: [
        "nodeName: node-1, hints: {forNodes: [{name: node-1}]}",
        "nodeName: node-2, hints: {forNodes: [{name: node-2}]}",
      ], notes: []),
    Case(reason: "nothing to send to", endpoints: [unready], notes: []),
  ]

  private func scene(_ test: Case, change: (inout PlannerOptions) -> Void = { _ in }) throws -> Scene {
    let service = SampleCluster.service(
      "noted",
      """
      spec:
        clusterIP: 10.200.1.60
        ports: [{port: 80}]
        \(test.spec)
      """)
    let endpoints = test.endpoints.enumerated().map { "{addresses: [10.10.\($0).60], \($1)}" }
    return try SampleCluster.scene(.ipv4, service + SampleCluster.slice("noted", "{port: 8080}", endpoints), change)
  }

  private func explanation(_ test: Case, _ scene: Scene) throws -> Explanation {
    try #require(
      try Explainer(scene).explain(from: test.from, toService: SampleCluster.name("shop/noted")).explanations.first)
  }

  @Test(arguments: cases) func `notes`(_ test: Case) throws {
    let explanation = try explanation(test, try scene(test))
    #expect(explanation.notes == test.notes)
    #expect(ExplanationText(explanation).text.split(separator: "\n").allSatisfy { $0.count <= 100 })
  }

  /// Rules that lag behind the objects.
  @Test func `a ready endpoint that the rules lack`() throws {
    let old = try scene(Case(reason: "", endpoints: ["nodeName: node-1"], notes: []))
    let both = Case(reason: "", endpoints: ["nodeName: node-1", "nodeName: node-2"], notes: [])
    let new = try scene(both)
    let held = Scene(rules: old.rules, host: old.host, snapshot: new.snapshot, options: new.options)
    #expect(
      try explanation(both, held).notes == [
        "endpoints not used: 10.10.1.60 (ready, but these rules do not lead there: run diff)"
      ])
  }

  @Test(arguments: [(Vantage.outside, 1), (.pod, 0), (.host, 0)])
  func `without a cluster CIDR only senders outside get a note about it`(_ vantage: Vantage, _ count: Int) throws {
    let test = Case(reason: "", endpoints: ["nodeName: node-1"], from: vantage, notes: [])
    let explanation = try explanation(test, try scene(test) { $0.localTraffic = .unknown })
    #expect(explanation.notes.count { $0.hasPrefix("clusterCIDR is not set") } == count)
  }
}
