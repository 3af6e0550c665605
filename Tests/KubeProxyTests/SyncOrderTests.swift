import Applier
import ApplierSupport
import Conntrack
import Doubles
import IPTables
import Planner
import ServiceModel
import Synchronization
import System
import Testing
import Watcher

@testable import HTTPServer
@testable import Health
@testable import KubeProxy
@testable import Time

/// The order of the steps of a sync, and what a sync does not wait for. Service 10.96.0.1 is UDP with a health check
/// port.
@Suite(.timeLimit(.minutes(1))) struct SyncOrderTests {
  /// Collects what happened, and which family's sync ended well.
  private final class Story: SyncObserver {
    private let steps = Mutex<[String]>([])
    let synced: AsyncStream<IPFamily>
    /// Whether a sync found nothing to do.
    let wasUnneeded = Watched(false)
    private let sink: AsyncStream<IPFamily>.Continuation

    init() { (synced, sink) = AsyncStream.makeStream() }
    var all: [String] { steps.withLock { $0 } }
    func add(_ step: String) { steps.withLock { $0.append(step) } }
    func began(_ family: IPFamily) {}
    func clashesChanged(_ news: ClashNews, _ family: IPFamily) {}
    func synced(_ outcome: SyncOutcome) {
      add("rules")
      sink.yield(outcome.report.family)
    }
    func failed(_ failure: SyncFailure) { add("failure of \(failure.family)") }
    func syncUnneeded(_ family: IPFamily) { wasUnneeded.withLock { $0 = true } }
  }

  /// A kernel in which the restore of one family never ends.
  private struct StuckKernel: IPTablesCommands {
    let kernel = FakeKernel()
    let stuck: IPFamily
    var backend: Backend { kernel.backend }

    func restore(
      _ family: IPFamily, _ produce: @escaping @Sendable (any RestoreSink) throws -> Void
    ) async throws(CommandError) -> RestoreRun {
      if family == stuck { for await _ in AsyncStream<Void>.makeStream().stream {} }
      return try await kernel.restore(family, produce)
    }

    func save(
      _ family: IPFamily, _ table: Table?, _ line: @escaping @Sendable (ArraySlice<UInt8>) -> Void
    ) async throws(CommandError) { try await kernel.save(family, table, line) }

    func test(_ family: IPFamily, _ input: [UInt8]) async throws(CommandError) {
      try await kernel.test(family, input)
    }

    func version(_ family: IPFamily) async throws(CommandError) -> IPTablesVersion {
      try await kernel.version(family)
    }
  }

  private static let name = NamespacedName(namespace: "lab", name: "dns")!

  private static func objects(healthPort: UInt16?) -> [ClusterEvent] {
    let port = ServicePortName(service: name, port: "", transport: .udp)!
    var service = Service(
      name: name, type: .loadBalancer, clusterIPs: [IPAddress("10.96.0.1")!, IPAddress("fd00:96::1")!],
      ports: [Service.Port(name: port, port: 53)])
    service.externalTrafficPolicy = .local
    service.healthCheckNodePort = healthPort
    return [.replaceServices([service]), .replaceSlices([]), .replaceNodes([])]
  }

  private func cluster() -> ClusterState {
    ClusterState(
      families: IPFamily.allCases, start: .epoch, flushTCP: false,
      options: { family, _ in PlannerOptions(family: family, nodeName: "node") }, localAddresses: { [] })
  }

  private func sync(
    _ family: IPFamily, _ cluster: ClusterState, _ commands: some IPTablesCommands, _ story: Story,
    _ healthChecks: HealthCheckServers? = nil, _ conntrack: ConntrackReconciler? = nil
  ) -> FamilySync {
    FamilySync(
      family: family, cluster: cluster, applier: FamilyApplier(family: family, commands: commands),
      healthChecks: healthChecks, conntrack: conntrack, observer: story, clock: SystemClock(),
      intervals: .init(minInterval: .zero, maxInterval: .seconds(3600), maxRetry: .seconds(30)))
  }

  @Test func `rules first, then health check servers, then conntrack`() async throws {
    let (story, kernel, cluster, server) = (Story(), FakeKernel(), cluster(), try HTTPServer())
    // Another socket has their port, so they send an Event when they try to listen.
    let taken = try server.listen(on: [ListenAddress(.anyOf(.ipv4), port: 0)]) { _ in .notFound }
    let checks = HealthCheckServers(
      family: .ipv4, server: server, health: HealthMonitor(syncPeriod: .seconds(30)), node: "node",
      logger: LogCollector().logger,
      sendEvent: { _ in
        story.add(kernel.current.restores == 1 ? "health check servers" : "health check servers without rules")
      })
    let (swept, sweep) = AsyncStream.makeStream(of: Void.self)
    let conntrack = ConntrackReconciler(table: MemoryConntrackTable(gate: { story.add("conntrack") })) { _ in
      sweep.yield()
    }
    _ = await cluster.apply(Self.objects(healthPort: taken.ports[0]))
    let sync = sync(.ipv4, cluster, kernel, story, checks, conntrack)
    sync.request()
    let running = [Task { await sync.run() }, Task { await conntrack.run() }]
    for await _ in swept { break }
    for task in running { task.cancel() }
    #expect(story.all == ["rules", "health check servers", "conntrack"])
  }

  @Test(arguments: IPFamily.allCases)
  func `a family that is stuck does not delay the other`(_ stuck: IPFamily) async {
    let (story, kernel, cluster) = (Story(), StuckKernel(stuck: stuck), cluster())
    _ = await cluster.apply(Self.objects(healthPort: nil))
    let syncs = IPFamily.allCases.map { sync($0, cluster, kernel, story) }
    let running = syncs.map { sync in Task { await sync.run() } }
    for sync in syncs { sync.request() }
    var synced = story.synced.makeAsyncIterator()
    let first = await synced.next()
    #expect(first != stuck)
    // Also afterwards, change by change.
    _ = await cluster.apply([.removeService(Self.name)])
    for sync in syncs { sync.request() }
    #expect(await synced.next() == first)
    for task in running { task.cancel() }
    #expect(story.all == ["rules", "rules"])
  }

  @Test func `a health check port that was taken is served as soon as a sync finds it free`() async throws {
    let (story, cluster, server) = (Story(), cluster(), try HTTPServer())
    let (refused, refuse) = AsyncStream.makeStream(of: Void.self)
    let taken = try server.listen(on: [ListenAddress(.anyOf(.ipv4), port: 0)]) { _ in .notFound }
    let checks = HealthCheckServers(
      family: .ipv4, server: server, health: HealthMonitor(syncPeriod: .seconds(30)), node: "node",
      logger: LogCollector().logger, sendEvent: { _ in refuse.yield() })
    _ = await cluster.apply(Self.objects(healthPort: taken.ports[0]))
    let sync = sync(.ipv4, cluster, FakeKernel(), story, checks)
    sync.request()
    let running = Task { await sync.run() }
    for await _ in refused { break }
    await server.close(taken)
    // Nothing about the health checks changes with it.
    sync.repair(reason: "test")
    var synced = story.synced.makeAsyncIterator()
    for _ in 0..<2 { _ = await synced.next() }
    // The next sync begins when the health checks of the one before are done.
    sync.request()
    await story.wasUnneeded.until { $0 }
    #expect(await checks.served == [Self.name])
    #expect(await TestClient.get("/", port: taken.ports[0]).hasPrefix("HTTP/1.1 503"), "no endpoint is here")
    running.cancel()
  }
}
