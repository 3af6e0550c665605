import Applier
import Logging
import ServiceModel
import Synchronization
import Testing

@testable import Health
@testable import KubeProxy
@testable import StatusPage
@testable import Time

/// What `/healthz` says while syncs of a kernel in memory hang, fail and go well. The sync period is 30 s, so that
/// health holds for 60 s.
@Suite(.timeLimit(.minutes(1))) struct HealthOfSyncsTests {
  private final class SetClock: Sendable {
    let ticks = Mutex<Int64>(0)
    var now: Moment { Moment(wall: .epoch, ticks: ticks.withLock { $0 }) }
    func advance(_ seconds: Int64) { ticks.withLock { $0 += seconds * 1_000_000_000 } }
  }

  private static let failure = SyncFailure(
    family: .ipv4, isPartial: false,
    error: ApplyError(family: .ipv4, attempt: .restoring, command: CommandError(command: "x", cause: .exited(1))),
    start: .now(), end: .now())

  private let clock = SetClock()
  private let health: HealthMonitor
  private let reporter: SyncReporter

  init() {
    let clock = clock
    health = HealthMonitor(syncPeriod: .seconds(30)) { clock.now }
    reporter = SyncReporter(
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, metrics: ProxyMetrics(), health: health,
      board: StatusBoard(families: [.ipv4]))
  }

  @Test func `a hanging sync makes unhealthy, even if its changes came during the sync before`() {
    health.queuedUpdate(.ipv4)
    reporter.began(.ipv4)
    clock.advance(1)
    health.queuedUpdate(.ipv4)
    reporter.syncUnneeded(.ipv4)
    reporter.began(.ipv4)
    clock.advance(59)
    #expect(health.report.isHealthy)
    clock.advance(1)
    #expect(!health.report.isHealthy)
    reporter.syncUnneeded(.ipv4)
    #expect(health.report.isHealthy)
  }

  @Test func `repairs that fail make unhealthy`() {
    reporter.syncUnneeded(.ipv4)
    clock.advance(10_000)
    #expect(health.report.isHealthy, "nothing is due")
    for _ in 0..<4 {
      reporter.began(.ipv4)
      reporter.failed(Self.failure)
      clock.advance(15)
    }
    #expect(!health.report.isHealthy)
    reporter.began(.ipv4)
    #expect(!health.report.isHealthy, "to try again is no success")
    reporter.syncUnneeded(.ipv4)
    #expect(health.report.isHealthy)
  }
}
