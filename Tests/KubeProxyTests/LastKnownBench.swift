import Applier
import ApplierSupport
import Configuration
import Doubles
import IPTables
import KubernetesAPI
import Logging
import Planner
import ServiceModel
import StateFile
import Synchronization
import Watcher

@testable import Health
@testable import KubeProxy
@testable import Telemetry
@testable import Time

/// The parts of a daemon that use the state file, on a node called `node`.
final class LastKnownBench: Sendable {
  static let identity = ClusterIdentity(server: "https://192.0.2.1:6443", certificateAuthority: nil)

  let clock = SteppedClock()
  let log = LogCollector()
  let path: String
  let channel = ClusterEventChannel()
  let kernel = FakeKernel()
  let observer = FamilySyncTests.Observer()
  let registry = MetricsRegistry()
  let health: HealthMonitor
  let cluster: ClusterState
  let lastKnown: LastKnownState
  private let status = WatchBox()
  private let parts: PartGroup
  private let running: Task<Void, any Error>

  /// - Parameter isPaced: whether syncs wait on `clock` too. Otherwise no sync waits.
  init(path: String, identity: ClusterIdentity = identity, isPaced: Bool = false) {
    let (clock, channel, status) = (clock, channel, status)
    self.path = path
    health = HealthMonitor(syncPeriod: .seconds(30)) { clock.now() }
    let options = PlannerOptions(family: .ipv4, nodeName: "node")
    cluster = ClusterState(
      families: [.ipv4], start: .epoch, flushTCP: false, node: OwnNode(name: "node"), options: { _, _ in options },
      localAddresses: { [] })
    let source = ClusterSource(name: "test", channel: channel, run: {}, watches: { status.all })
    lastKnown = LastKnownState(
      StateFileSettings(path: path, after: .seconds(10), maxAge: .seconds(86400)) { identity }, nodeName: "node",
      cluster: cluster, source: source, health: health, metrics: StateMetrics(registry), clock: clock,
      start: clock.now(), logger: log.logger)
    let sync = FamilySync(
      family: .ipv4, cluster: cluster, applier: FamilyApplier(family: .ipv4, commands: kernel), healthChecks: nil,
      conntrack: nil, observer: observer, clock: isPaced ? clock : SkippingClock(longest: .seconds(600)),
      intervals: .init(minInterval: .zero, maxInterval: .seconds(3600), maxRetry: .seconds(30)))
    let metrics = ProxyMetrics()
    let intake = EventIntake(
      channel: channel, cluster: cluster, nodeName: "node", health: health, metrics: metrics,
      warnings: SubnetWarnings(subnets: .unknown, logger: log.logger),
      healthPorts: HealthPortWarnings(logger: log.logger),
      presence: NodePresence(name: "node", needsPodCIDRs: false, logger: log.logger), lastKnown: lastKnown,
      listed: { _ in }, nodeChanged: { _ in },
      due: SyncRequests(families: [sync], health: health, metrics: metrics, clock: clock).changed)
    let lastKnown = lastKnown
    parts = PartGroup(
      [
        DaemonPart("state file") { await lastKnown.run() }, DaemonPart("intake") { try await intake.run() },
        DaemonPart("sync") { await sync.run() },
      ], patience: .seconds(60)
    ) { _ in }
    let parts = parts
    running = Task { try await parts.run() }
  }

  func watch(_ state: WatchStatus.State, lastEvent: Double) { status.set(state, lastEvent) }

  /// Ends in order.
  func stop() async throws {
    parts.stop()
    try await running.value
  }

  var saved: SavedState { get throws { try StateFile(path: path).read { (_) throws(StateFileError) in } } }

  /// The rules of nat KUBE-SERVICES, without the jump to node ports.
  var services: Int { (kernel.current.rules[.ipv4]?[.nat, .services] ?? []).count - 1 }

  /// The value of a metric without labels.
  func metric(_ name: String) -> Double? {
    registry.snapshot().first { $0.definition.name == name }?.series[[]]?.value
  }

  func entry(_ text: String) async -> LogCollector.Entry? { await log.next { $0.message.contains(text) } }

  /// Writes a file with these Services. It was valid until this many seconds before the start.
  static func put(
    _ numbers: [Int], at path: String, age: Int64 = 3600, node: String = "node", cluster: ClusterIdentity = identity
  ) throws {
    var snapshot = ClusterSnapshot()
    for number in numbers {
      snapshot.set(NumberedObjects.service(number))
      snapshot.set(NumberedObjects.slice(number))
    }
    snapshot.set(Node(name: node, zone: "a"))
    let header = StateHeader(
      cluster: cluster, nodeName: node, asOf: SteppedClock.time(-age),
      resourceVersions: ["services": "7"])
    try StateFile(path: path).write(SavedState(header: header, snapshot: snapshot))
  }
}

/// The status of the watches.
private final class WatchBox: Sendable {
  private let value = Mutex<[WatchStatus]>([])
  var all: [WatchStatus] { value.withLock { $0 } }

  func set(_ state: WatchStatus.State, _ lastEvent: Double) {
    var services = WatchStatus(resource: .service, state: state)
    services.isSynced = true
    services.lastEventTime = WallTime(secondsSince1970: lastEvent)
    services.lastResourceVersion = "81423"
    value.withLock { $0 = [services, WatchStatus(resource: .serviceCIDR, state: .listing)] }
  }
}
