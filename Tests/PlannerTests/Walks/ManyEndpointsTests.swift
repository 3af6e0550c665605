import IPTables
import ServiceModel
import Testing

@testable import Planner

/// Services with so many endpoints that they are chosen in several steps. Addresses: see `FamilyText`.
@Suite(.timeLimit(.minutes(5))) struct ManyEndpointsTests {
  private static func addresses(_ count: Int) -> [String] {
    (0..<count).map { "10.10.\($0 / 250 + 2).\($0 % 250 + 1)" }
  }

  private static let forms = DispatchMode.allCases.flatMap { dispatch in
    [EndpointRuleMode.chains, .compact].map { (dispatch, $0) }
  }

  /// Rules that a packet met or that chance passed over, at most, in the tables that choose an endpoint.
  private func longestWay(_ outcomes: [WalkOutcome]) -> Int {
    outcomes.map { outcome in outcome.trace.count { $0.chain != .prerouting } }.max() ?? 0
  }

  @Test(arguments: [64, 65, 100, 1000], IPFamily.allCases)
  func `each endpoint is as likely as any other`(_ count: Int, _ family: IPFamily) {
    for (dispatch, form) in Self.forms {
      let cluster = TestCluster(
        [TestService(endpoints: Self.addresses(count))], family, dispatch: dispatch, endpointRules: form)
      let walker = Walker(cluster)
      let outcomes = walker.walk.outcomes(of: walker.packet(Way(.pod, "10.200.1.16:80", results: [])))
      #expect(Set(outcomes.map(\.destination)).count == count)
      #expect(outcomes.allSatisfy { $0.isTranslated && $0.verdict == .delivered })
      let worst = outcomes.map { abs($0.probability * Double(count) - 1) }.max() ?? 1
      #expect(worst < 1e-6, "\(dispatch)")
      let isGrouped = dispatch != .flat && count > EndpointGroups.bound
      #expect(isGrouped ? longestWay(outcomes) < count : longestWay(outcomes) >= count, "\(dispatch)")
    }
  }

  @Test func `a packet meets a few dozen rules at most, however many endpoints`() {
    let bounds = [(100, 22.0), (400, 22), (1000, 27), (4000, 35)]
    for ((count, bound), form) in bounds.flatMap({ bound in [EndpointRuleMode.chains, .compact].map { (bound, $0) } }) {
      let cluster = TestCluster(
        [TestService(endpoints: Self.addresses(count))], .ipv4, dispatch: .auto, endpointRules: form)
      let walker = Walker(cluster)
      let outcomes = walker.walk.outcomes(of: walker.packet(Way(.pod, "10.200.1.16:80", results: [])))
      let mean = outcomes.reduce(0.0) { $0 + $1.probability * Double($1.trace.count { $0.chain != .prerouting }) }
      #expect(mean < bound, "\(count) endpoints, \(form)")
    }
  }

  @Test(arguments: [DispatchMode.flat, .indexed])
  func `comments are left out above 1,000 endpoints`(_ dispatch: DispatchMode) {
    func comments(_ count: Int) -> [String: Int] {
      var services = (0..<4).map {
        TestService(name: "s\($0)", clusterIP: "10.200.1.\($0)", endpoints: Self.addresses(250))
      }
      services[0].endpoints = Self.addresses(count - 750)
      let cluster = TestCluster(services, .ipv4, dispatch: dispatch)
      var result: [String: Int] = [:]
      cluster.plan.forEachChain { chain in
        let kind = chain.name.prefix?.rawValue ?? chain.name.description
        result[kind, default: 0] += chain.rules.count { $0.description.contains("--comment") }
      }
      return result
    }
    let (small, large) = (comments(1000), comments(1001))
    #expect(small["KUBE-SEP-"] == 2000)
    #expect(large["KUBE-SEP-"] == 0)
    #expect(small["KUBE-SVC-", default: 0] > 1000)
    #expect(
      large["KUBE-SVC-", default: 0] == 4, "what does not grow with endpoints keeps its comment")
    #expect(small["KUBE-SERVICES"] == large["KUBE-SERVICES"])
  }
}
