import Testing

@testable import KubeProxy
@testable import Time

/// Times are in milliseconds after the start.
@Suite(.timeLimit(.minutes(5))) struct RunPacingTests {
  private static let intervals = RunPacing.Intervals(
    minInterval: .seconds(1), maxInterval: .seconds(3600), maxRetry: .seconds(30))

  private func at(_ milliseconds: Int64) -> Moment {
    Moment(wall: .epoch, ticks: 0).advanced(by: .milliseconds(milliseconds))
  }

  @Test func `nothing is due before the first request`() {
    var pacing = RunPacing(Self.intervals)
    #expect(pacing.nextRun == nil)
    pacing.request()
    #expect(pacing.nextRun! <= at(0))
  }

  @Test func `an idle proxy reacts at once, a busy one waits for the minimum interval`() {
    var pacing = RunPacing(Self.intervals)
    pacing.request()
    pacing.started(at: at(0))
    pacing.succeeded()
    #expect(pacing.isIdle)
    #expect(pacing.nextRun == at(3_600_000))
    pacing.request()
    #expect(pacing.nextRun == at(1000), "a request within the interval waits for its end")
    pacing.started(at: at(5000))
    pacing.request()
    pacing.request()
    #expect(pacing.nextRun == at(6000), "several requests are one run")
  }

  @Test func `failures are retried with growing delays up to the bound, and a success resets them`() {
    var pacing = RunPacing(Self.intervals)
    pacing.request()
    var delays: [Int64] = []
    for _ in 0..<10 {
      pacing.started(at: at(0))
      pacing.failed(at: at(0))
      delays.append(pacing.nextRun!.ticks / 1_000_000)
    }
    #expect(delays == [200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000])
    pacing.request()
    #expect(pacing.nextRun == at(30000), "what fails would fail again for every request")
    pacing.started(at: at(30000))
    pacing.succeeded()
    pacing.started(at: at(40000))
    pacing.failed(at: at(40000))
    #expect(pacing.nextRun == at(40200))
  }

  @Test func `a period that is too long to represent never ends`() {
    let longest = Duration.nanoseconds(Int64.max)
    var pacing = RunPacing(.init(minInterval: longest, maxInterval: longest, maxRetry: longest * 2))
    pacing.started(at: Moment.now())
    pacing.request()
    #expect(pacing.nextRun?.ticks == .max)
    pacing.failed(at: Moment.now())
    #expect(Moment.distantPast.duration(to: pacing.nextRun ?? .distantPast) > .seconds(1))
    #expect(Moment.now().advanced(by: .zero - longest * 3).ticks < 0)
  }
}
