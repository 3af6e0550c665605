import Testing

@testable import Time

@Suite struct SystemClockTests {
  private let clock = SystemClock()

  @Test func `a sleep lasts till its moment`() async {
    let end = clock.now().advanced(by: .milliseconds(20))
    await clock.sleep(until: end)
    #expect(clock.now() >= end)
  }

  @Test func `a moment that has passed is not waited for`() async {
    let past = clock.now()
    await clock.sleep(until: past)
    #expect(clock.now() >= past)
  }

  @Test func `cancelled before, at or after its beginning, a sleep of an hour ends`() async {
    let end = clock.now().advanced(by: .seconds(3600))
    for yields in 0..<100 {
      let sleep = Task { [clock] in await clock.sleep(until: end) }
      for _ in 0..<yields % 4 { await Task.yield() }
      sleep.cancel()
      await sleep.value
    }
    #expect(clock.now() < end)
  }
}
