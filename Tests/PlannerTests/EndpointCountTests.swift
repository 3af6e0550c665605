import IPTables
import ServiceModel
import Testing

@testable import Planner

/// Which endpoints count: for large-cluster mode, and for health-check node ports.
@Suite(.timeLimit(.minutes(5))) struct EndpointCountTests {
  /// Endpoints on all three nodes.
  private static func many(_ count: Int) -> [String] { (0..<count).map { "10.10.\($0 / 250 + 1).\($0 % 250 + 1)" } }

  private static let thousand = TestService(endpoints: many(1000))

  struct Size: Sendable, CustomTestStringConvertible {
    let reason: String
    let services: [TestService]
    /// A slice of a Service that there is none of.
    var strays: [String] = []
    let isLarge: Bool
    var testDescription: String { reason }
  }

  @Test(
    arguments: [
      Size(reason: "a thousand", services: [thousand], isLarge: false),
      Size(
        reason: "one more, of another Service",
        services: [thousand, TestService(name: "a", clusterIP: "10.200.1.17", endpoints: ["10.10.1.1"])], isLarge: true),
      Size(
        reason: "one more that is not ready",
        services: [thousand, TestService(name: "a", clusterIP: "10.200.1.17", endpoints: ["10.10.1.1 unready"])],
        isLarge: true),
      Size(
        reason: "one more, of a port that the Service does not have",
        services: [
          thousand,
          TestService(
            name: "a", clusterIP: "10.200.1.17", slices: [.init(ports: [.init("b", .tcp, 1)], endpoints: ["10.10.1.1"])]
          ),
        ], isLarge: false),
      Size(reason: "one more, of no Service", services: [thousand], strays: ["10.10.1.1"], isLarge: false),
      Size(
        reason: "each port counts anew",
        services: [
          TestService(
            ports: [.init(name: "a", port: 1), .init(name: "b", port: 2)], endpoints: Self.many(501))
        ], isLarge: true),
    ], IPFamily.allCases)
  func `a cluster is large above a thousand endpoints of service ports`(_ size: Size, _ family: IPFamily) {
    let cluster = TestCluster(size.services, family)
    var snapshot = cluster.snapshot
    let stray = TestService(name: "stray", endpoints: size.strays)
    for slice in stray.endpointSlices(cluster.text) { snapshot.set(slice) }
    #expect(ClusterPlan(options: cluster.options, snapshot: snapshot).isLargeCluster == size.isLarge)
    var state = PlanState(options: cluster.options, snapshot: ClusterSnapshot())
    let change = state.update(Set(size.services.map(\.namespacedName)).union([stray.namespacedName]), in: snapshot)
    #expect((change == nil) == size.isLarge, "a small cluster that became large is planned anew")
  }

  @Test func `health checks count each ready local address once, behind whatever port`() {
    var service = TestService(
      ports: [.init(name: "a", port: 1), .init(name: "b", port: 2)], external: .local, healthCheckNodePort: 31000,
      endpoints: ["10.10.1.5", "10.10.1.6 terminating", "10.10.1.7 unready", "10.10.2.5"])
    service.slices = [
      .init(ports: [.init("other", .tcp, 9)], endpoints: ["10.10.1.8", "10.10.1.5"]),
      .init(ports: [.init("a", .tcp, 8080)], endpoints: ["10.10.1.6"]),
    ]
    let cluster = TestCluster([service], .ipv4)
    let state = PlanState(options: cluster.options, snapshot: cluster.snapshot)
    // These three count: .5, .6 (used again behind port a), and .8 (behind a port that the Service does not have).
    #expect(state.healthChecks[service.namespacedName]?.localEndpoints == 3)
  }

  @Test(arguments: DispatchMode.allCases)
  func `an external IP that is also the load balancer's can be removed alone`(_ dispatch: DispatchMode) {
    var service = TestService(
      externalIPs: ["203.0.113.9"], ingress: ["203.0.113.9"], external: .local, endpoints: ["10.10.2.5"])
    var cluster = TestCluster([service], .ipv4, dispatch: dispatch)
    var state = PlanState(options: cluster.options, snapshot: cluster.snapshot)
    #expect(drops(cluster.plan) == 2, "as kube-proxy writes them")
    service.externalIPs = []
    cluster.add(service)
    let change = state.update([service.namespacedName], in: cluster.snapshot)
    let rules = change?.chains.filter { $0.table == .filter }.flatMap(\.rules) ?? []
    #expect(rules.count { $0.target == .drop } == drops(cluster.plan))
  }

  private func drops(_ plan: ClusterPlan) -> Int {
    var count = 0
    plan.forEachChain { chain in
      if chain.table == .filter, chain.name == .externalServices || chain.name.prefix == .cluster {
        count += chain.rules.count { $0.target == .drop }
      }
    }
    return count
  }
}
