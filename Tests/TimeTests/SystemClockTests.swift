import System
import Testing

@testable import Time

@Suite(.timeLimit(.minutes(5))) struct SystemClockTests {
  private let clock = SystemClock()

  @Test func `a sleep lasts until its moment`() async {
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
    for number in 0..<100 {
      let (isAwake, isCancelled) = (Watched(false), Watched(false))
      let sleep = Task { [clock] in
        isAwake.withLock { $0 = true }
        if number % 3 == 0 { await isCancelled.waitAnyway { $0 ? true : nil } }
        await clock.sleep(until: end)
      }
      if number % 3 == 1 { await isAwake.until { $0 } }
      sleep.cancel()
      isCancelled.withLock { $0 = true }
      await sleep.value
    }
    #expect(clock.now() < end)
  }
}
