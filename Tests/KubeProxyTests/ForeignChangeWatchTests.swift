import Applier
import ApplierSupport
import Doubles
import Glibc
import Logging
import Planner
import ServiceModel
import System
import Testing
import Time

@testable import KubeProxy
@testable import Telemetry

/// How often the daemon repairs rules that other programs change. These tests do not sync: they look at the requests
/// for a sync.
@Suite(.timeLimit(.minutes(1))) struct ForeignChangeWatchTests {
  private struct Monitor: ForeignChangeMonitor {
    let stream: AsyncThrowingStream<ForeignChange, any Error>
    let sink: AsyncThrowingStream<ForeignChange, any Error>.Continuation

    init() { (stream, sink) = AsyncThrowingStream.makeStream(of: ForeignChange.self) }
    func changes() -> AsyncThrowingStream<ForeignChange, any Error> { stream }
    func change(_ families: Set<IPFamily>) {
      sink.yield(ForeignChange(families: families, pid: 7, program: "fighter"))
    }
  }

  private struct SilentObserver: SyncObserver {
    func began(_ family: IPFamily) {}
    func clashesChanged(_ news: ClashNews, _ family: IPFamily) {}
    func synced(_ outcome: SyncOutcome) {}
    func failed(_ failure: SyncFailure) {}
    func syncUnneeded(_ family: IPFamily) {}
  }

  private func watch(_ monitor: Monitor, _ clock: SkippingClock, _ log: LogCollector) -> ForeignChangeWatch {
    let cluster = ClusterState(
      families: IPFamily.allCases, start: .epoch, flushTCP: false,
      options: { family, _ in PlannerOptions(family: family, nodeName: "node") }, localAddresses: { [] })
    let families = IPFamily.allCases.map { family in
      FamilySync(
        family: family, cluster: cluster, applier: FamilyApplier(family: family, commands: FakeKernel()),
        healthChecks: nil, conntrack: nil, observer: SilentObserver(), clock: clock,
        intervals: .init(minInterval: .seconds(1), maxInterval: .seconds(3600), maxRetry: .seconds(30)))
    }
    return ForeignChangeWatch(monitor: monitor, families: families, clock: clock, logger: log.logger)
  }

  private static let atOnce = "rules were changed by another program; checking all of them"
  private static let later = "rules are changed by another program again and again; checking them after a pause"

  @Test func `repairs get slower while a program keeps changing the rules, and the log names it`() async {
    let (monitor, clock, log) = (Monitor(), SkippingClock(), LogCollector())
    var watch = watch(monitor, clock, log)
    let noticed = Watched(0)
    watch.noticed = { _ in noticed.withLock { $0 += 1 } }
    let running = Task { [watch] in await watch.run() }
    // A change that comes during a pause is repaired together with the change before it. So wait until each has been
    // noticed.
    for number in 1...9 {
      monitor.change([.ipv4])
      await noticed.until { $0 == number }
    }
    for _ in 1...9 { _ = await log.next { _ in true } }
    running.cancel()
    await running.value
    let entries = log.entries
    #expect(entries.count == 9)
    #expect(entries.prefix(6).allSatisfy { $0.message == Self.atOnce })
    #expect(entries.suffix(3).map(\.message) == [Self.later, Self.later, Self.later])
    #expect(entries.allSatisfy { $0.level == .warning && $0.metadata["family"] == "IPv4" })
    #expect(entries.allSatisfy { $0.metadata["change"] == "fighter (pid 7) changed the proxy's IPv4 rules" })
    #expect(entries.suffix(3).map { $0.metadata["pause"] } == ["1.0 seconds", "2.0 seconds", "4.0 seconds"])
    #expect(clock.pauses == [.seconds(1), .seconds(2), .seconds(4)])
  }

  @Test func `if the kernel's messages end, they are listened to again, and missed changes are looked for`() async {
    let (monitor, clock, log) = (Monitor(), SkippingClock(), LogCollector())
    monitor.sink.finish(throwing: SystemError(action: "receive from netlink", code: ENOMEM))
    let watch = watch(monitor, clock, log)
    let running = Task { await watch.run() }
    for _ in 0..<3 { _ = await log.next { $0.message.hasPrefix("cannot listen to nf_tables") } }
    running.cancel()
    await running.value
    #expect(log.entries.allSatisfy { $0.level == .error })
    #expect(log.entries.first?.metadata["error"] == "receive from netlink: Cannot allocate memory")
    #expect(clock.pauses.prefix(2) == [.seconds(60), .seconds(60)])
    #expect(watch.families.allSatisfy { $0.takeRepair() == "changes by other programs may have been missed" })
  }

  @Test func `a pause of one family does not delay the other, and changes during the pause are one repair`() async {
    let (monitor, clock, log) = (Monitor(), SkippingClock(longest: .zero), LogCollector())
    let metrics = ProxyMetrics()
    var watch = watch(monitor, clock, log)
    watch.noticed = metrics.changedBySomebodyElse
    let running = Task { [watch] in await watch.run() }
    for _ in 0..<7 {
      monitor.change([.ipv4])
      _ = await log.next { _ in true }
    }
    for _ in 0..<50 { monitor.change([.ipv4]) }
    monitor.change([.ipv6])
    let other = await log.next { $0.metadata["family"] == "IPv6" }
    #expect(other?.message == Self.atOnce)
    #expect(log.entries.count == 8)
    let counted = ["IPv4", "IPv6"].map { metrics.registry.value(metrics.own.foreignChanges, [$0]) }
    #expect(counted == [6, 1], "the pause's changes count with the next repair")
    running.cancel()
    await running.value
  }
}
