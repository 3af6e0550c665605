import Dispatch
import Planner
import ServiceModel
import Synchronization
import System
import Testing
import Time
import Watcher

@testable import HTTPServer
@testable import Health
@testable import KubeProxy

/// What is answered while a large cluster is planned from nothing.
@Suite(.timeLimit(.minutes(5))) struct BusyPlannerTests {
  private static func name(_ number: Int) -> NamespacedName { NamespacedName(namespace: "lab", name: "s\(number)")! }

  private static func service(_ number: Int) -> Service {
    let port = ServicePortName(service: name(number), port: "", transport: .tcp)!
    return Service(
      name: name(number), type: .clusterIP,
      clusterIPs: [
        IPAddress(family: .ipv4, bits: UInt128(0x0a60_0001 + number)),
        IPAddress(family: .ipv6, bits: 0xfd00 << 112 + UInt128(1 + number)),
      ], ports: [Service.Port(name: port, port: 80)])
  }

  private static func slice(_ number: Int) -> EndpointSlice {
    EndpointSlice(
      name: name(number), service: name(number), family: .ipv4, ports: [.init(name: "", port: 8080)],
      endpoints: (0..<10).map {
        Endpoint(address: IPAddress(family: .ipv4, bits: UInt128(0x0a0a_0000 + number * 10 + $0)), nodeName: "node")
      })
  }

  @Test func `health metrics and event intake answer while both families are planned`() async throws {
    let planning = Watched(0)
    // The test opens this gate when it has all answers. Until then two planners wait, as many as a small node has
    // cores.
    let gate = DispatchSemaphore(value: 0)
    let cluster = ClusterState(
      families: IPFamily.allCases, start: .epoch, flushTCP: false,
      options: { family, _ in
        planning.withLock { $0 += 1 }
        return PlannerOptions(family: family, nodeName: "node")
      },
      localAddresses: {
        gate.wait()
        return []
      })
    _ = await cluster.apply([
      .replaceServices((0..<10_000).map(Self.service)), .replaceSlices((0..<10_000).map(Self.slice)), .replaceNodes([]),
    ])
    let work = IPFamily.allCases.map { family in Task { await cluster.takeWork(family) } }
    await planning.until { $0 == 2 }

    let isPlanned = Mutex(false)
    let end = Task {
      for task in work { _ = await task.value }
      isPlanned.withLock { $0 = true }
    }
    let change = await cluster.apply([.setService(Self.service(10_000))])
    #expect(change.families[.ipv4]?.services == [Self.name(10_000)])
    let server = try HTTPServer()
    let metrics = ProxyMetrics()
    let metricsRoutes = MetricsRoutes(
      registry: metrics.registry,
      collect: {
        let pending = await cluster.pending
        metrics.pending(services: pending.services, endpoints: pending.slices)
      }, configuration: { "{}" }, flags: { [:] }, status: { _ in .notFound })
    let health = HealthRoutes(health: HealthMonitor(syncPeriod: .seconds(30)), metrics: metrics)
    for (router, path, answer) in [
      (health.router, "/healthz", "\"currentTime\""), (metricsRoutes.router, "/metrics", "service_changes_pending 1"),
    ] {
      let address = ListenAddress(.address(IPAddress("127.0.0.1")!), port: 0)
      let listener = try server.listen(on: [address], handler: router.handle)
      #expect(await TestClient.get(path, port: listener.ports[0]).contains(answer))
      await server.close(listener)
    }
    #expect(!isPlanned.withLock { $0 })

    for _ in work { gate.signal() }
    await end.value
    #expect(await cluster.takeWork(.ipv4)?.services == 1, "what came in meanwhile is planned next")
  }
}
