import Applier
import ApplierSupport
import Configuration
import Doubles
import IPTables
import KubernetesAPI
import Planner
import ServiceModel
import Synchronization
import Testing
import Watcher

@testable import Health
@testable import KubeProxy
@testable import Telemetry
@testable import Time

/// A change of one family does not start a sync of the other, and both families sync at the same time. Services are
/// 10.96.0.N and fd00:96::N.
@Suite(.timeLimit(.minutes(1))) struct FamilySeparationTests {
  /// What each family was told, in order.
  private final class Story: SyncObserver {
    private let steps = Mutex<[IPFamily: [String]]>([:])
    let synced: AsyncStream<IPFamily>
    private let sink: AsyncStream<IPFamily>.Continuation

    init() { (synced, sink) = AsyncStream.makeStream() }

    func steps(of family: IPFamily) -> [String] { steps.withLock { $0[family] ?? [] } }

    private func add(_ step: String, _ family: IPFamily) { steps.withLock { $0[family, default: []].append(step) } }

    func began(_ family: IPFamily) {}
    func synced(_ outcome: SyncOutcome) {
      add("\(outcome.report.scope.rawValue) sync of \(outcome.work.services)", outcome.report.family)
      sink.yield(outcome.report.family)
    }
    func failed(_ failure: SyncFailure) { add("failure", failure.family) }
    func syncUnneeded(_ family: IPFamily) { add("nothing to do", family) }
    func clashesChanged(_ news: ClashNews, _ family: IPFamily) { add("clashes", family) }
  }

  /// A kernel whose first restore of each family waits for the other's.
  private final class Rendezvous: IPTablesCommands {
    private struct State {
      var arrived: Set<IPFamily> = []
      var waiting: CheckedContinuation<Void, Never>?
    }

    private let kernel = FakeKernel()
    private let state = Mutex(State())
    var backend: Backend { kernel.backend }

    private func meet(_ family: IPFamily) async {
      await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
        state.withLock { state in
          guard state.arrived.insert(family).inserted else { return continuation.resume() }
          guard state.arrived.count < 2 else {
            state.waiting?.resume()
            return continuation.resume()
          }
          state.waiting = continuation
        }
      }
    }

    func restore(
      _ family: IPFamily, _ produce: @escaping @Sendable (any RestoreSink) throws -> Void
    ) async throws(CommandError) -> RestoreRun {
      await meet(family)
      return try await kernel.restore(family, produce)
    }

    func save(
      _ family: IPFamily, _ table: Table?, _ line: @escaping @Sendable (ArraySlice<UInt8>) -> Void
    ) async throws(CommandError) { try await kernel.save(family, table, line) }

    func test(_ family: IPFamily, _ input: [UInt8]) async throws(CommandError) { try await kernel.test(family, input) }

    func version(_ family: IPFamily) async throws(CommandError) -> IPTablesVersion {
      try await kernel.version(family)
    }
  }

  private static let name = NamespacedName(namespace: "lab", name: "web")!

  private static let service: Service = {
    let port = ServicePortName(service: name, port: "", transport: .tcp)!
    return Service(
      name: name, clusterIPs: [IPAddress("10.96.0.1")!, IPAddress("fd00:96::1")!],
      ports: [Service.Port(name: port, port: 80)])
  }()

  private static func slice(_ family: IPFamily, _ number: Int) -> EndpointSlice {
    let address = family == .ipv4 ? "10.10.0.\(number)" : "fd00:10::\(number)"
    return EndpointSlice(
      name: NamespacedName(namespace: "lab", name: "web-\(family.rawValue.lowercased())")!, service: name,
      family: family, ports: [.init(name: "", port: 8080)], endpoints: [Endpoint(address: IPAddress(address)!)])
  }

  private static let objects: [ClusterEvent] = [
    .replaceServices([service]), .replaceSlices([slice(.ipv4, 1), slice(.ipv6, 1)]), .replaceNodes([]),
  ]

  /// Runs intake and both families over a kernel while `body` runs.
  private func run(
    _ commands: some IPTablesCommands, _ body: (ClusterEventChannel, Story) async throws -> Void
  ) async throws {
    let (channel, story) = (ClusterEventChannel(), Story())
    let cluster = ClusterState(
      families: IPFamily.allCases, start: .epoch, flushTCP: false,
      options: { family, _ in PlannerOptions(family: family, nodeName: "node") }, localAddresses: { [] })
    let families = IPFamily.allCases.map { family in
      FamilySync(
        family: family, cluster: cluster, applier: FamilyApplier(family: family, commands: commands),
        healthChecks: nil, conntrack: nil, observer: story, clock: SystemClock(),
        intervals: .init(minInterval: .zero, maxInterval: .seconds(3600), maxRetry: .seconds(30)))
    }
    let logger = LogCollector().logger
    let health = HealthMonitor(syncPeriod: .seconds(30))
    let metrics = ProxyMetrics(registry: MetricsRegistry(), families: IPFamily.allCases)
    let intake = EventIntake(
      channel: channel, cluster: cluster, nodeName: "node", health: health, metrics: metrics,
      warnings: SubnetWarnings(subnets: .unknown, logger: logger), healthPorts: HealthPortWarnings(logger: logger),
      presence: NodePresence(name: "node", needsPodCIDRs: false, logger: logger), lastKnown: nil, listed: { _ in },
      nodeChanged: { _ in },
      due: SyncRequests(families: families, health: health, metrics: metrics, clock: SystemClock()).changed)
    let running = families.map { family in Task { await family.run() } } + [Task { try? await intake.run() }]
    defer {
      channel.finish()
      for task in running { task.cancel() }
    }
    try await body(channel, story)
  }

  @Test func `a change of an IPv4 slice makes work only for IPv4`() async throws {
    try await run(FakeKernel()) { channel, story in
      var synced = story.synced.makeAsyncIterator()
      await channel.send(Self.objects)
      #expect(Set([await synced.next(), await synced.next()]) == [.ipv4, .ipv6])
      for number in 2...20 {
        await channel.send([.setSlice(Self.slice(.ipv4, number))])
        #expect(await synced.next() == .ipv4)
      }
      await channel.send([.setSlice(Self.slice(.ipv6, 2))])
      #expect(await synced.next() == .ipv6)
      #expect(story.steps(of: .ipv6) == ["full sync of 1", "partial sync of 1"])
      #expect(story.steps(of: .ipv4).count == 20)
    }
  }

  @Test func `both families work at the same time`() async throws {
    try await run(Rendezvous()) { channel, story in
      var synced = story.synced.makeAsyncIterator()
      await channel.send(Self.objects)
      #expect(Set([await synced.next(), await synced.next()]) == [.ipv4, .ipv6], "each waited for the other to begin")
    }
  }
}
