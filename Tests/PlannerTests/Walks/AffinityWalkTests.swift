import IPTables
import RuleAnalysis
import ServiceModel
import Testing

@testable import Planner

/// Session affinity: a client keeps its endpoint. Addresses: see `FamilyText`.
@Suite(.timeLimit(.minutes(5))) struct AffinityWalkTests {
  /// Endpoints 10.10.2.1, 10.10.2.2, … up to 250 in each block.
  private static func addresses(_ count: Int) -> [String] {
    (0..<count).map { "10.10.\($0 / 250 + 2).\($0 % 250 + 1)" }
  }

  @Test(arguments: [2, 65, 300], IPFamily.allCases)
  func `a client on an endpoint's list goes there, others are spread`(_ count: Int, _ family: IPFamily) throws {
    for dispatch in DispatchMode.allCases {
      let service = TestService(affinity: 10800, endpoints: Self.addresses(count))
      let cluster = TestCluster([service], family, dispatch: dispatch)
      let port = try #require(service.service(cluster.text).ports.first?.name)
      let chosen = cluster.text.socket("10.10.2.2:8080")
      let list = ChainNaming.endpoint(chosen.description, of: port)
      let walker = Walker(cluster, recent: [list: [cluster.text.address("10.10.1.99")]])

      let outcomes = walker.walk.outcomes(of: walker.packet(Way(.pod, "10.200.1.16:80", results: [])))
      #expect(outcomes.map(\.destination) == [chosen])
      #expect(outcomes.map(\.joinedLists) == [[list]], "its time begins anew")

      let others = walker.walk.outcomes(of: walker.packet(Way(.remotePod, "10.200.1.16:80", results: [])))
      #expect(Set(others.map(\.destination)).count == count)
      #expect(others.allSatisfy { $0.joinedLists.count == 1 }, "everybody is remembered for one endpoint")
      #expect(others.allSatisfy { abs($0.probability * Double(count) - 1) < 1e-6 })
    }
  }

  @Test(arguments: IPFamily.allCases, DispatchMode.allCases)
  func `a client stays with its endpoint through node port, external IP and load balancer`(
    _ family: IPFamily, _ dispatch: DispatchMode
  ) throws {
    let service = TestService(
      ports: [TestPort(nodePort: 30080)], externalIPs: ["198.51.100.1"], ingress: ["203.0.113.1"], affinity: 60,
      endpoints: ["10.10.1.5", "10.10.2.5"])
    let cluster = TestCluster([service], family, dispatch: dispatch)
    let port = try #require(service.service(cluster.text).ports.first?.name)
    let list = ChainNaming.endpoint(cluster.text("10.10.2.5:8080"), of: port)
    let walker = Walker(cluster, recent: [list: [cluster.text.address("192.0.2.9")]])
    for destination in ["172.18.0.3:30080", "198.51.100.1:80", "203.0.113.1:80"] {
      let results = walker.results(Way(.outside, destination, results: []))
      #expect(results == [cluster.text("10.10.2.5:8080 masqueraded"): 1])
    }
  }

  @Test(arguments: IPFamily.allCases) func `an endpoint that is no longer ready is not asked`(_ family: IPFamily) throws
  {
    let service = TestService(affinity: 60, endpoints: ["10.10.1.5", "10.10.2.5 unready"])
    let cluster = TestCluster([service], family)
    let port = try #require(service.service(cluster.text).ports.first?.name)
    let list = ChainNaming.endpoint(cluster.text("10.10.2.5:8080"), of: port)
    let walker = Walker(cluster, recent: [list: [cluster.text.address("10.10.1.99")]])
    #expect(walker.results(Way(.pod, "10.200.1.16:80", results: [])) == [cluster.text("10.10.1.5:8080"): 1])
  }
}
