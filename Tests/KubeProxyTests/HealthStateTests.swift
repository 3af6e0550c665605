import ServiceModel
import Testing

@testable import Health
@testable import KubeProxy
@testable import Time

@Suite(.timeLimit(.minutes(5))) struct HealthStateTests {
  static let start = Moment(wall: WallTime(nanosecondsSince1970: 1_795_223_277_139_364_792), ticks: 5_000_000_000)
  let start = HealthStateTests.start

  private func at(_ seconds: Double) -> Moment { start.advanced(by: .seconds(seconds)) }
  private func state() -> HealthState { HealthState(syncPeriod: .seconds(30)) }

  @Test func `healthy while starting`() {
    let answer = HealthAnswer.healthz(state().report(at: start))
    #expect(answer.status == 200)
    #expect(
      answer.body == #"{"lastUpdated":"2026-11-21T01:07:57.139364792Z","currentTime":"2026-11-21T01:07:57.139364792Z","#
        + #""nodeEligible":true,"healthy":true,"status":{}}"#)
  }

  @Test func `an update may be late by at most two sync periods`() {
    var state = state()
    state.updated(.ipv4, at: at(0))
    state.queuedUpdate(.ipv4, at: at(100))
    state.queuedUpdate(.ipv4, at: at(150))
    #expect(state.report(at: at(159.9)).isHealthy)
    #expect(!state.report(at: at(160)).isHealthy, "the first queued update counts, not the latest")
    state.updated(.ipv4, at: at(161))
    #expect(state.report(at: at(10_000)).isHealthy, "nothing is due")
    state.queuedUpdate(.ipv4, at: at(10_000))
    #expect(state.report(at: at(10_059)).isHealthy)
  }

  @Test func `each family has its own health`() {
    var state = state()
    state.updated(.ipv4, at: at(0))
    state.updated(.ipv6, at: at(1))
    state.queuedUpdate(.ipv6, at: at(1))
    let report = state.report(at: at(61))
    #expect(report.families[.ipv4]?.isHealthy == true)
    #expect(report.families[.ipv6]?.isHealthy == false)
    let answer = HealthAnswer.livez(report)
    #expect(answer.status == 503)
    #expect(
      answer.body == #"{"lastUpdated":"2026-11-21T01:07:58.139364792Z","currentTime":"2026-11-21T01:08:58.139364792Z","#
        + #""healthy":false,"status":{"IPv4":{"lastUpdated":"2026-11-21T01:07:57.139364792Z","healthy":true},"#
        + #""IPv6":{"lastUpdated":"2026-11-21T01:07:58.139364792Z","healthy":false}}}"#)
  }

  @Test func `a late first sync of a family makes unhealthy`() {
    var state = state()
    state.queuedUpdate(.ipv6, at: at(0))
    #expect(state.report(at: at(59)).families.isEmpty)
    let answer = HealthAnswer.livez(state.report(at: at(60)))
    #expect(answer.status == 503)
    #expect(answer.body.contains(#""status":{"IPv6":{"lastUpdated":"0001-01-01T00:00:00Z","healthy":false}}"#))
  }

  struct NodeCase: Sendable, CustomTestStringConvertible {
    let why: String
    let node: Node?
    let healthz: Int
    var testDescription: String { why }
  }

  @Test(arguments: [
    NodeCase(why: "a node as usual", node: Node(name: "kind-worker"), healthz: 200),
    NodeCase(
      why: "tainted by the autoscaler or being deleted", node: Node(name: "kind-worker", isBeingDeleted: true),
      healthz: 503),
    NodeCase(why: "deleted", node: nil, healthz: 503),
  ])
  func `node eligibility`(_ test: NodeCase) {
    var state = state()
    state.updated(.ipv4, at: at(0))
    state.setNode(test.node)
    let healthz = HealthAnswer.healthz(state.report(at: at(5)))
    #expect(healthz.status == test.healthz)
    // If the answer is 200, lastUpdated is the current time, otherwise the time of the last sync.
    let last = test.healthz == 200 ? "2026-11-21T01:08:02.139364792Z" : "2026-11-21T01:07:57.139364792Z"
    #expect(
      healthz.body == #"{"lastUpdated":"\#(last)","currentTime":"2026-11-21T01:08:02.139364792Z","#
        + #""nodeEligible":\#(test.healthz == 200),"healthy":true,"#
        + #""status":{"IPv4":{"lastUpdated":"2026-11-21T01:07:57.139364792Z","healthy":true}}}"#)
    #expect(HealthAnswer.livez(state.report(at: at(5))).status == 200, "livez does not care about the Node")
  }

  @Test func `a change of the wall clock does not make unhealthy`() {
    var state = state()
    state.queuedUpdate(.ipv4, at: start)
    let later = Moment(wall: WallTime(nanosecondsSince1970: 2_000_000_000_000_000_000), ticks: start.ticks + 1)
    #expect(state.report(at: later).isHealthy)
  }
}
