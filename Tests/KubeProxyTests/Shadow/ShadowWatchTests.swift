import Doubles
import Foundation
import Health
import IPTables
import Logging
import Planner
import ServiceModel
import Testing
import Time
import Watcher

@testable import KubeProxy
@testable import Shadow
@testable import Telemetry

/// The shadow around a kernel in memory. The delay is 10 seconds.
@Suite(.timeLimit(.minutes(5))) struct ShadowWatchTests {
  private final class Bench: Sendable {
    let clock = SteppedClock()
    let log = LogCollector()
    let kernel: SavedKernel
    let registry = MetricsRegistry()
    let board = ShadowBoard(families: [.ipv4])
    let health: HealthMonitor
    let cluster: ClusterState
    private let watch: ShadowWatch
    private let running: Task<Void, Never>

    /// - Parameter cost: how many seconds it takes to read all rules.
    init(readsSingleChains: Bool = true, cost: Int64 = 0) {
      let clock = clock
      kernel = SavedKernel(readsSingleChains: readsSingleChains) { clock.advance(cost) }
      health = HealthMonitor(syncPeriod: .seconds(30)) { clock.now() }
      cluster = ClusterState(
        families: [.ipv4], start: .epoch, flushTCP: false, options: { _, _ in ShadowWatchTests.options },
        localAddresses: { [] })
      watch = ShadowWatch(
        families: [.ipv4], cluster: cluster, reading: kernel, settings: ShadowSettings(delay: .seconds(10)),
        reporter: ShadowReporter(
          logger: log.logger, metrics: ShadowMetrics(registry, families: [.ipv4]), health: health, board: board),
        clock: clock, spent: { .nanoseconds(clock.now().ticks) })
      let watch = watch
      running = Task { await watch.run() }
    }

    /// Everything is listed: these Services with two endpoints each.
    func list(_ numbers: [Int]) async {
      let change = await cluster.apply([
        .replaceServices(numbers.map { ShadowWatchTests.service($0) }),
        .replaceSlices(numbers.map { ShadowWatchTests.slice($0, [1, 2]) }), .replaceNodes([]),
      ])
      watch.changed(change, isFirst: true)
    }

    func apply(_ events: [ClusterEvent]) async { watch.changed(await cluster.apply(events), isFirst: false) }

    /// The other proxy writes the planned rules.
    func write() async {
      let plan = ClusterPlan(options: ShadowWatchTests.options, snapshot: await cluster.snapshot)
      kernel.set(.ipv4, RuleSet(plan).saved)
    }

    /// Lets time pass until the next comparison, which is due then, has ended.
    func compare(at second: Int64) async {
      await clock.waitForSleep(until: second)
      clock.advance(second - clock.now().ticks / 1_000_000_000)
      _ = await log.next { $0.message == "compared the kernel's rules with the plan" }
    }

    func value(_ kind: ShadowKind) -> Double? {
      registry.snapshot().first { $0.definition.name == "swiftkubeproxy_shadow_differences" }?
        .series[["IPv4", kind.rawValue]]?.value
    }

    /// Log lines that are for people.
    var told: [LogCollector.Entry] { log.entries.filter { $0.level >= .notice } }

    func stop() async {
      running.cancel()
      await running.value
    }
  }

  fileprivate static let options: PlannerOptions = {
    var options = PlannerOptions(family: .ipv4, nodeName: "node")
    options.dispatch = .flat
    options.endpointRules = .chains
    return options
  }()

  private static func name(_ number: Int) -> NamespacedName { NamespacedName(namespace: "lab", name: "s\(number)")! }

  fileprivate static func service(_ number: Int) -> Service {
    let port = ServicePortName(service: name(number), port: "", transport: .tcp)!
    return Service(
      name: name(number), clusterIPs: [IPAddress("10.96.0.\(number)")!], ports: [Service.Port(name: port, port: 80)])
  }

  fileprivate static func slice(_ number: Int, _ endpoints: [Int]) -> EndpointSlice {
    EndpointSlice(
      name: name(number), service: name(number), family: .ipv4, ports: [.init(name: "", port: 8080)],
      endpoints: endpoints.map { Endpoint(address: IPAddress("10.10.\(number).\($0)")!) })
  }

  @Test func `a difference that lasts longer than the delay is reported once, and its end once`() async throws {
    let bench = Bench()
    await bench.list([1, 2])
    await bench.write()
    await bench.compare(at: 10)
    #expect(bench.value(.missingChain) == 0)
    // A change that the other proxy never writes.
    await bench.apply([.setSlice(Self.slice(1, [1]))])
    await bench.compare(at: 20)
    #expect(bench.told.isEmpty)
    await bench.compare(at: 30)
    let entry = try #require(bench.told.first)
    #expect(entry.level == .warning)
    #expect(entry.metadata["service"] == "lab/s1")
    #expect(Set(bench.told.map { "\($0.metadata["kind"] ?? "")" }) == ["changedRule", "extraChain", "extraRule"])
    let count = bench.told.count
    #expect(bench.value(.extraChain) == 1)
    #expect(bench.board.all.first?.differences == 3)
    await bench.compare(at: 90)
    #expect(bench.told.count == count, "each is told once")
    await bench.write()
    await bench.compare(at: 150)
    #expect(bench.told.count == count + 1)
    #expect(bench.told.last?.message == "the kernel's rules equal the plan again")
    #expect(bench.told.last?.metadata["service"] == "lab/s1")
    #expect(bench.value(.extraChain) == 0)
    await bench.stop()
  }

  @Test func `if reading all rules costs too much, only the chains of changed Services are read`() async throws {
    let bench = Bench(cost: 4)
    await bench.list([1, 2])
    await bench.write()
    await bench.compare(at: 10)
    // 10 + 4
    await bench.apply([.setSlice(Self.slice(1, [1, 2, 3]))])
    await bench.compare(at: 24)
    await bench.compare(at: 34)
    #expect(bench.kernel.wholeReads == 1)
    #expect(bench.told.first?.metadata["service"] == "lab/s1")
    #expect(Set(bench.told.map { "\($0.metadata["kind"] ?? "")" }).contains("missingChain"))
    let own = Set(bench.kernel.singleReads.filter { $0.name.prefix == .cluster })
    #expect(own.count == 1, "of the two Services only the changed one is read")
    await bench.write()
    await bench.compare(at: 94)
    #expect(bench.told.last?.message == "the kernel's rules equal the plan again")
    #expect(bench.kernel.wholeReads == 1)
    await bench.stop()
  }

  /// In each round one Service gets other endpoints, and the other proxy writes what the cluster was up to nine seconds
  /// ago.
  @Test(arguments: [true, false], [Int64(0), 2])
  func `a proxy that follows within the delay is never accused`(
    _ readsSingleChains: Bool, _ cost: Int64
  ) async throws {
    let bench = Bench(readsSingleChains: readsSingleChains, cost: cost)
    await bench.list(Array(1...5))
    await bench.write()
    var random = Random(state: 18)
    /// Lets time pass between two comparisons. Otherwise it would count as the time that a comparison takes.
    func pass(_ seconds: Int64) async {
      await bench.clock.waitForSleeper()
      bench.clock.advance(seconds)
    }
    for _ in 1...100 {
      let number = Int.random(in: 1...5, using: &random)
      let endpoints = (1...4).filter { _ in Bool.random(using: &random) }
      await bench.apply([.setSlice(Self.slice(number, endpoints))])
      await pass(Int64.random(in: 1...7, using: &random))
      await bench.write()
      await pass(Int64.random(in: 0...12, using: &random))
    }
    #expect(bench.told.isEmpty, "\(bench.told)")
    #expect(bench.kernel.wholeReads > 1)
    // Now the proxy no longer follows.
    await bench.apply([.setSlice(Self.slice(1, [7]))])
    while bench.told.isEmpty, !Task.isCancelled { await pass(50) }
    #expect(bench.told.allSatisfy { $0.metadata["service"] == "lab/s1" })
    await bench.stop()
  }

  private struct Random: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ state >> 29
    }
  }

  @Test func `the comparison after a failure reports what the failed one would have reported`() async throws {
    let bench = Bench()
    await bench.list([1])
    bench.kernel.fail("no permission")
    await bench.clock.waitForSleep(until: 10)
    bench.clock.advance(10)
    let failure = try #require(await bench.log.next { $0.level == .error })
    #expect(failure.metadata["error"] == "no permission")
    #expect(bench.board.all.first?.failure == "no permission")
    // Until then the kernel has no rule at all.
    bench.kernel.fail(nil)
    await bench.compare(at: 70)
    await bench.compare(at: 80)
    #expect(bench.board.all.first?.failure == nil)
    #expect(bench.told.contains { $0.metadata["kind"] == "missingChain" })
    #expect(bench.told.contains { $0.metadata["kind"] == "missingJump" })
    #expect(bench.told.filter { $0.level == .error }.count == 1)
    await bench.stop()
  }
}
