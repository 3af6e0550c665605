import Planner
import ServiceModel
import Testing
import Time
import Watcher

@testable import KubeProxy

/// When a sync's work carries the health-check node ports. Services are 10.96.0.N, their endpoints 10.10.0.N on this
/// node.
@Suite(.timeLimit(.minutes(5))) struct HealthCheckWorkTests {
  private static func name(_ number: Int) -> NamespacedName {
    NamespacedName(namespace: "default", name: "s\(number)")!
  }

  private static func service(_ number: Int, healthPort: UInt16?) -> Service {
    let port = ServicePortName(service: name(number), port: "", transport: .tcp)!
    var service = Service(
      name: name(number), type: .loadBalancer, clusterIPs: [IPAddress("10.96.0.\(number)")!],
      ports: [Service.Port(name: port, port: 80)])
    service.externalTrafficPolicy = .local
    service.healthCheckNodePort = healthPort
    return service
  }

  private static func slice(_ number: Int, endpoints: Int = 1) -> EndpointSlice {
    EndpointSlice(
      name: name(number), service: name(number), family: .ipv4, ports: [.init(name: "", port: 8080)],
      endpoints: (0..<endpoints).map { Endpoint(address: IPAddress("10.10.\($0).\(number)")!, nodeName: "node") })
  }

  /// A cluster with one Service that has such a port, and one without; its first work, and what follows.
  private func start() async -> (cluster: ClusterState, first: SyncWork?) {
    let options = PlannerOptions(family: .ipv4, nodeName: "node")
    let cluster = ClusterState(
      families: [.ipv4], start: .epoch, flushTCP: false, options: { _, _ in options }, localAddresses: { [] })
    _ = await cluster.apply([
      .replaceServices([Self.service(1, healthPort: 31001), Self.service(2, healthPort: nil)]),
      .replaceSlices([Self.slice(1), Self.slice(2)]), .replaceNodes([]),
    ])
    return (cluster, await cluster.takeWork(.ipv4))
  }

  private func checks(_ events: [ClusterEvent], _ cluster: ClusterState) async throws -> [HealthCheckService]? {
    _ = await cluster.apply(events)
    return try #require(await cluster.takeWork(.ipv4)).healthChecks?.services
  }

  private static func check(_ number: Int, _ port: UInt16, _ endpoints: Int) -> HealthCheckService {
    HealthCheckService(name: name(number), port: port, localEndpoints: endpoints)
  }

  @Test func `the first work has the health checks, and later work if they changed`() async throws {
    let (cluster, first) = await start()
    #expect(first?.healthChecks?.services == [Self.check(1, 31001, 1)])
    #expect(try await checks([.setSlice(Self.slice(2, endpoints: 2))], cluster) == nil, "another Service's endpoints")
    #expect(try await checks([.setSlice(Self.slice(1, endpoints: 2))], cluster) == [Self.check(1, 31001, 2)])
    #expect(
      try await checks([.setService(Self.service(2, healthPort: 31002))], cluster)
        == [Self.check(1, 31001, 2), Self.check(2, 31002, 2)])
    #expect(try await checks([.removeService(Self.name(1))], cluster) == [Self.check(2, 31002, 2)])
  }

  @Test func `a full sync has the health checks only if they changed or the last sync failed`() async throws {
    let (cluster, _) = await start()
    await cluster.invalidate(.ipv4, reason: "test")
    #expect(try await checks([], cluster) == nil)
    await cluster.repeatHealthChecks(.ipv4)
    await cluster.invalidate(.ipv4, reason: "test")
    #expect(try await checks([], cluster) == [Self.check(1, 31001, 1)])
  }
}
