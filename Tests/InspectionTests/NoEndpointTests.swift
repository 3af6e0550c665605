import IPTables
import Inspection
import Planner
import RuleAnalysis
import ServiceModel
import Testing

/// Why a Service has no endpoint, by what its EndpointSlices list.
@Suite(.timeLimit(.minutes(5))) struct NoEndpointTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let reason: String
    /// `ports` and `endpoints` of each slice.
    let slices: [String]
    let why: String
    let advice: String
    var testDescription: String { reason }
  }

  private static let selector = "look at the Service's selector and at the pods: their labels have to match it"
  private static let one = "[{addresses: [10.10.1.61]}]"

  static let cases = [
    Case(
      reason: "as the EndpointSlice controller writes it where no pod is selected",
      slices: ["ports: null\nendpoints: null"], why: "its EndpointSlices list no endpoint at all", advice: selector),
    Case(
      reason: "empty lists", slices: ["ports: []\nendpoints: []"], why: "its EndpointSlices list no endpoint at all",
      advice: selector),
    Case(
      reason: "the right port, and no endpoint", slices: ["ports: [{name: web, port: 8080}]\nendpoints: []"],
      why: "its EndpointSlices list no endpoint at all", advice: selector),
    Case(
      reason: "another port, and no endpoint", slices: ["ports: [{name: other, port: 8080}]\nendpoints: []"],
      why: "its EndpointSlices list no endpoint at all", advice: selector),
    Case(
      reason: "no container port has the targetPort's name", slices: ["ports: null\nendpoints: \(one)"],
      why: "its EndpointSlices list endpoints, but no port",
      advice: "a targetPort that is a name has to be the name of a container port of the pods"),
    Case(
      reason: "a slip in the port's name", slices: ["ports: [{name: wbe, port: 8080}]\nendpoints: \(one)"],
      why: "its EndpointSlices have no such port, but wbe/TCP",
      advice: "the port's name and protocol have to be the same in the Service and in its EndpointSlices"),
    Case(
      reason: "endpoints of another port only",
      slices: [
        "ports: [{name: web, port: 8080}]\nendpoints: null", "ports: [{name: other, port: 1}]\nendpoints: \(one)",
      ], why: "its EndpointSlices with this port list no endpoint",
      advice: "an endpoint that is ready, or terminating and still serving, is needed"),
  ]

  @Test(arguments: cases) func `why`(_ test: Case) throws {
    let service = SampleCluster.service("bare", "spec: {clusterIP: 10.200.1.61, ports: [{name: web, port: 80}]}")
    let slices = test.slices.enumerated().map { SampleCluster.slice("bare", number: $0, lists: $1) }
    let scene = try SampleCluster.scene(.ipv4, service + slices.joined())
    let explanation = try #require(
      try Explainer(scene).explain(from: .pod, toService: SampleCluster.name("shop/bare")).explanations.first)
    #expect(explanation.choices.map(\.verdict) == [.rejected])
    #expect(explanation.choices.first?.reason == "Service shop/bare:web has no endpoint to send to (\(test.why))")
    #expect(explanation.choices.first?.advice == test.advice)
  }
}
