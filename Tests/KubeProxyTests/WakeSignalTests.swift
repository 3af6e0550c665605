import System
import Testing

@testable import KubeProxy
@testable import Time

@Suite(.timeLimit(.minutes(1))) struct WakeSignalTests {
  @Test func `signals that nobody waited for become one`() async {
    let signal = WakeSignal()
    signal.signal()
    signal.signal()
    #expect(await signal.wait())
    let second = Task { await signal.wait() }
    second.cancel()
    #expect(await second.value == false, "there is no second one")
  }

  @Test func `a second waiter does not replace the first`() async {
    let signal = WakeSignal()
    let waiters = (0..<2).map { _ in Task { await signal.wait() } }
    async let first = waiters[0].value
    async let second = waiters[1].value
    signal.signal()
    // One waiter got the signal. The other one gets the next signal or ends with its task.
    waiters[1].cancel()
    let woken = await second
    if woken { signal.signal() }
    #expect(await first)
  }

  @Test func `a deadline ends the wait`() async {
    let signal = WakeSignal()
    await signal.wait(until: Moment.now(), clock: SystemClock())
    signal.signal()
    await signal.wait(until: Moment.now().advanced(by: .seconds(600)), clock: SystemClock())
  }
}
