import Doubles
import HTTP
import KubernetesAPI
import Testing
import Time

@testable import Watcher

/// An overloaded server says when to retry, in a header or in its Status object.
@Suite(.timeLimit(.minutes(1))) struct RetryAfterTests {
  private static func status(_ code: Int, _ seconds: Int) -> String {
    #"{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"TooManyRequests","code":\#(code),"#
      + #""details":{"retryAfterSeconds":\#(seconds)}}"#
  }

  private static func answer(_ code: Int, _ header: String?, _ body: String) -> MemoryTransport.Answer {
    .response(status: code, headers: header.map { ["retry-after": $0] } ?? [:], body: Array(body.utf8))
  }

  @Test(
    arguments: [
      (answer(429, "7", ""), 7.0, "the header"), (answer(503, "7", "no JSON"), 7, "the header of a proxy"),
      (answer(429, nil, status(429, 9)), 9, "the status"),
      (answer(429, "7", status(429, 9)), 7, "both: the header is nearer"),
      (answer(429, "Wed, 21 Oct 2026 07:28:00 GMT", ""), 1.2, "a date, which no API server gives: our own pause"),
      (answer(200, nil, #"{"type":"ERROR","object":\#(status(429, 9))}"# + "\n"), 9, "an ERROR event"),
    ] as [(MemoryTransport.Answer, Double, String)])
  func `is heeded`(_ answer: MemoryTransport.Answer, _ pause: Double, _ reason: String) async {
    let clock = PromptClock(limit: 0)
    let environment = WatchEnvironment(
      transport: MemoryTransport { _ in answer }, output: ClusterEventChannel(), board: WatchStatusBoard(),
      logger: .silent, clock: clock, random: { 0.5 })
    let running = Task { await Reflector(.service, nodeName: "kind-worker", environment: environment).run() }
    let slept = await clock.slept { !$0.isEmpty }
    running.cancel()
    await running.value
    #expect(slept.first.map { ($0.inSeconds * 10).rounded() / 10 } == pause, "\(reason)")
  }
}
