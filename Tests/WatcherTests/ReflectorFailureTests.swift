import KubernetesAPI
import Testing
import Time

@testable import Watcher

/// The reflector's reactions to failures.
@Suite(.timeLimit(.minutes(5))) struct ReflectorFailureTests {
  typealias Machine = ReflectorStateMachine<String>

  static func status(_ code: Int, _ reason: String = "", retryAfter: Int? = nil) -> ReflectorFailure {
    .refused(APIStatus(code: code, reason: reason, message: "", retryAfterSeconds: retryAfter))
  }

  @Test(
    arguments: [
      (status(500), Duration.milliseconds(1200), "the server fails"),
      (status(429), .milliseconds(1200), "too many requests, no time given"),
      (status(429, retryAfter: 7), .seconds(7), "Retry-After is longer than our own pause"),
      (status(503, retryAfter: 1), .milliseconds(1200), "our own pause is longer"),
      (status(429, retryAfter: 86_400), .seconds(600), "nobody waits for a day"),
      (status(403, "Forbidden"), .milliseconds(1200), "no right yet, and the resource is needed"),
      (.transport(.cut(detail: "reset")), .milliseconds(1200), "the connection is cut"),
      (.transport(.unreachable(server: "s", detail: "refused")), .milliseconds(1200), "the server restarts"),
      (.transport(.noAnswer(after: .seconds(30))), .milliseconds(1200), "the head does not come"),
      (.truncated, .milliseconds(1200), "cut in the middle of an object, though the transfer ended well"),
      (.errorEvent(APIStatus(code: 500, reason: "InternalError", message: "")), .milliseconds(1200), "ERROR event"),
    ] as [(ReflectorFailure, Duration, String)])
  func `a watch resumes where it was`(_ failure: ReflectorFailure, _ pause: Duration, _ reason: String) {
    var machine = ReflectorStateMachineTests.watching()
    #expect(
      machine.handle(.failed(failure)) == [.report(.failure(failure, retryAfter: pause)), .wait(pause)], "\(reason)")
    #expect(machine.handle(.waited) == [.request(.watch(resourceVersion: "10", timeoutSeconds: 450))], "\(reason)")
  }

  @Test func `pauses grow and start anew after progress`() {
    var machine = ReflectorStateMachineTests.watching()
    var pauses: [Duration] = []
    for _ in 0..<8 {
      if case .wait(let pause) = machine.handle(.failed(Self.status(500))).last { pauses.append(pause) }
      _ = machine.handle(.waited)
    }
    #expect(pauses.map { ($0.inSeconds * 10).rounded() / 10 } == [1.2, 2.4, 4.8, 9.6, 19.2, 38.4, 45, 45])
    _ = machine.handle(.bookmark(resourceVersion: "11", endsInitialEvents: false))
    #expect(machine.handle(.failed(Self.status(500))).last == .wait(.milliseconds(1200)))
  }

  @Test func `the end of a long watch does not lengthen the pauses`() {
    var machine = ReflectorStateMachineTests.watching()
    for _ in 0..<8 {
      #expect(machine.handle(.endured) == [])
      #expect(machine.handle(.failed(.transport(.cut(detail: "")))).last == .wait(.milliseconds(1200)))
      _ = machine.handle(.waited)
    }
  }

  @Test(arguments: [
    status(429, retryAfter: 7), status(503, retryAfter: 7), status(401, "Unauthorized", retryAfter: 7),
    .errorEvent(APIStatus(code: 429, reason: "TooManyRequests", message: "", retryAfterSeconds: 7)),
    .errorEvent(APIStatus(code: 503, reason: "", message: "", retryAfterSeconds: 7)),
  ])
  func `Retry-After is obeyed wherever a server can give it`(_ failure: ReflectorFailure) {
    var streaming = ReflectorStateMachineTests.machine()
    _ = streaming.handle(.start)
    var listing = ReflectorStateMachineTests.machine()
    _ = listing.handle(.start)
    _ = listing.handle(.failed(Self.status(422)))
    for var machine in [streaming, listing, ReflectorStateMachineTests.watching()] {
      // The first retry with new credentials comes at once.
      if failure.status?.code == 401 { _ = machine.handle(.failed(failure)) }
      if failure.status?.code == 401 { _ = machine.handle(.waited) }
      #expect(machine.handle(.failed(failure)).last == .wait(.seconds(7)))
    }
  }

  @Test(arguments: [400, 405, 406, 415, 422])
  func `a server that refuses streams is listed`(_ code: Int) {
    var machine = ReflectorStateMachineTests.machine()
    _ = machine.handle(.start)
    #expect(
      machine.handle(.failed(Self.status(code))).last
        == .request(.list(resourceVersion: "0", continuing: nil, limit: 500)))
  }

  @Test(arguments: [
    (ReflectorFailure.incomplete, "ended before the bookmark"),
    (.transport(.cut(detail: "")), "cut again and again"),
    (.transport(.idle(after: .seconds(30))), "a proxy that holds the stream back"),
  ])
  func `a streamed list that never ends is replaced by a paged list`(_ failure: ReflectorFailure, _ reason: String) {
    var machine = ReflectorStateMachineTests.machine()
    _ = machine.handle(.start)
    _ = machine.handle(.changed(ReflectorStateMachineTests.meta("a", "1"), "a"))
    #expect(machine.handle(.failed(failure)).last == .wait(.milliseconds(1200)), "\(reason)")
    #expect(machine.handle(.waited) == [.request(.watchList(resourceVersion: "", timeoutSeconds: 450))])
    _ = machine.handle(.failed(failure))
    #expect(
      machine.handle(.waited) == [.request(.list(resourceVersion: "0", continuing: nil, limit: 500))], "\(reason)")
    // The objects of the broken streams are forgotten.
    #expect(machine.handle(.endOfPage(resourceVersion: "4", continuing: nil)).first == .replace([]))
  }

  @Test func `an unreachable server is asked for streams again, not for lists`() {
    var machine = ReflectorStateMachineTests.machine()
    _ = machine.handle(.start)
    for _ in 0..<5 {
      _ = machine.handle(.failed(.transport(.unreachable(server: "s", detail: "refused"))))
      #expect(machine.handle(.waited) == [.request(.watchList(resourceVersion: "", timeoutSeconds: 450))])
    }
  }

  @Test func `a watch that stays unreadable is replaced by a new list`() {
    var machine = ReflectorStateMachineTests.watching()
    let garbage = ReflectorFailure.decoding(DecodingFailure(source: ObjectSource(name: "/"), problem: "no JSON"))
    for _ in 0..<2 {
      _ = machine.handle(.failed(garbage))
      #expect(machine.handle(.waited) == [.request(.watch(resourceVersion: "10", timeoutSeconds: 450))])
    }
    _ = machine.handle(.failed(garbage))
    #expect(machine.handle(.waited) == [.request(.watchList(resourceVersion: "10", timeoutSeconds: 450))])
  }

  @Test func `credentials are refreshed after a 401`() {
    var machine = ReflectorStateMachineTests.watching()
    let failure = Self.status(401, "Unauthorized")
    #expect(
      machine.handle(.failed(failure))
        == [.refreshCredentials, .report(.failure(failure, retryAfter: .zero)), .wait(.zero)])
    #expect(machine.handle(.waited) == [.request(.watch(resourceVersion: "10", timeoutSeconds: 450))])
    // The new credentials fail too, so the next retry waits.
    #expect(
      machine.handle(.failed(failure)) == [
        .refreshCredentials, .report(.failure(failure, retryAfter: .milliseconds(1200))), .wait(.milliseconds(1200)),
      ])
  }

  @Test(arguments: [(404, "an older API server"), (403, "no right to read it")])
  func `an optional resource may be absent`(_ code: Int, _ reason: String) {
    var machine = ReflectorStateMachineTests.machine(isOptional: true)
    _ = machine.handle(.start)
    let status = APIStatus(code: code, reason: "", message: "")
    #expect(
      machine.handle(.failed(.refused(status)))
        == [.replace([]), .report(.absent(status)), .wait(.seconds(450))], "\(reason)")
    #expect(machine.phase == .absent)
    #expect(machine.handle(.waited) == [.request(.watchList(resourceVersion: "", timeoutSeconds: 450))])
  }

  @Test(arguments: [(404, [ReflectorAction<String>.replace([])]), (403, [])])
  func `an optional resource that goes away`(_ code: Int, _ first: [ReflectorAction<String>]) {
    var machine = ReflectorStateMachineTests.watching(isOptional: true)
    let status = APIStatus(code: code, reason: "", message: "")
    #expect(machine.handle(.failed(.refused(status))) == first + [.report(.absent(status)), .wait(.seconds(450))])
  }

  @Test func `after a silent connection a new list finds a server that was restored to older data`() {
    var machine = ReflectorStateMachineTests.watching()
    _ = machine.handle(.bookmark(resourceVersion: "50", endsInitialEvents: false))
    _ = machine.handle(.ended)
    #expect(machine.handle(.ended) == [.wait(.milliseconds(1200))])
    _ = machine.handle(.waited)
    #expect(
      machine.handle(.failed(.transport(.idle(after: .seconds(180))))).last
        == .request(.watchList(resourceVersion: "50", timeoutSeconds: 450)))
  }

  @Test func `inputs that come too late do nothing`() {
    var machine = ReflectorStateMachineTests.watching()
    _ = machine.handle(.failed(Self.status(500)))
    #expect(machine.handle(.changed(ReflectorStateMachineTests.meta("a", "99"), "late")) == [])
    #expect(machine.handle(.failed(Self.status(500))) == [])
    #expect(machine.handle(.ended) == [])
  }
}
