import APIServerFixture
import Configuration
import Doubles
import Foundation
import HTTP
import Testing
import Time

@testable import Watcher

/// Events are equal to those of kube-proxy, and posting them never blocks.
@Suite(.timeLimit(.minutes(1))) struct EventPosterTests {
  static let starting = APIEvent(
    reason: "Starting", action: "StartKubeProxy", regarding: .init(kind: "Node", name: "kind-worker"))

  static func poster(_ transport: any HTTPTransport, clock: PromptClock = clock()) -> EventPoster {
    EventPoster(transport: transport, instance: "kube-proxy-kind-worker", logger: .silent, clock: clock)
  }

  static func clock() -> PromptClock {
    PromptClock(start: Moment(wall: WallTime(nanosecondsSince1970: 1_795_222_952_116_024_789), ticks: 0))
  }

  /// Posts an Event and waits for its result.
  static func outcome(_ event: APIEvent, _ transport: any HTTPTransport) async -> EventPoster.Counts {
    let clock = clock()
    let poster = poster(transport, clock: clock)
    let running = Task { await poster.run() }
    poster.post(event)
    await clock.sleptAfterAnEvent()
    running.cancel()
    await running.value
    return poster.counts
  }

  @Test func `the start Event is kube-proxy's`() async throws {
    let transport = MemoryTransport { _ in .response(status: 201, body: []) }
    #expect(await Self.outcome(Self.starting, transport) == EventPoster.Counts(posted: 1, dropped: 0))
    let request = try #require(transport.requests.first)
    #expect(request.method == .post)
    #expect(request.target == "/apis/events.k8s.io/v1/namespaces/default/events")
    #expect(request.headers["Content-Type"] == "application/json")
    #expect(
      String(decoding: request.body, as: UTF8.self) == """
        {"action":"StartKubeProxy","apiVersion":"events.k8s.io/v1","eventTime":"2026-11-21T01:02:32.116024Z",\
        "kind":"Event","metadata":{"name":"kind-worker.18e9e9c37180f2c0","namespace":"default"},"reason":"Starting",\
        "regarding":{"apiVersion":"v1","kind":"Node","name":"kind-worker"},"reportingController":"kube-proxy",\
        "reportingInstance":"kube-proxy-kind-worker","type":"Normal"}
        """)
  }

  @Test func `an Event about a Service is in the Service's namespace`() async throws {
    let server = APIServer(store: ObjectStore())
    try server.start()
    defer { server.stop() }
    let transport = try CurlTransport(APIServerConnection(server: server.url))
    let event = APIEvent(
      kind: .warning, reason: "FailedToStartServiceHealthcheck", action: "Listen", note: "port \"30000\" is taken",
      regarding: .init(kind: "Service", namespace: "shop", name: "web", uid: "shop/web"))
    #expect(await Self.outcome(event, transport).posted == 1)
    let key = try #require(server.store.keys(of: .events).first)
    #expect(key.namespace == "shop")
    let stored = try #require(server.store.object(key))
    let object = try #require(try JSONSerialization.jsonObject(with: stored.json) as? [String: Any])
    #expect(object["note"] as? String == "port \"30000\" is taken")
    #expect(object["type"] as? String == "Warning")
    #expect((object["regarding"] as? [String: String])?["uid"] == "shop/web")
  }

  @Test(
    arguments: [
      (MemoryTransport.Answer.response(status: 409, body: []), 1, 1, "it was there already"),
      (.response(status: 403, body: []), 0, 1, "no right to: trying again changes nothing"),
      (.response(status: 503, body: []), 0, 4, "the server is not well"),
      (.failure(.cut(detail: "")), 0, 4, "the connection is lost"),
    ] as [(MemoryTransport.Answer, Int, Int, String)])
  func `answers`(_ answer: MemoryTransport.Answer, _ posted: Int, _ tries: Int, _ reason: String) async {
    let transport = MemoryTransport { _ in answer }
    let counts = await Self.outcome(Self.starting, transport)
    #expect(counts == EventPoster.Counts(posted: posted, dropped: 1 - posted), "\(reason)")
    #expect(transport.requests.count == tries, "\(reason)")
  }

  @Test(arguments: [("1", [2, 4, 8]), ("5", [5, 5, 8]), ("86400", [600, 600, 600]), ("soon", [2, 4, 8])])
  func `Retry-After is heeded`(_ header: String, _ pauses: [Double]) async {
    let clock = Self.clock()
    let poster = Self.poster(
      MemoryTransport { _ in .response(status: 429, headers: ["retry-after": header], body: []) }, clock: clock)
    let running = Task { await poster.run() }
    poster.post(Self.starting)
    let slept = await clock.sleptAfterAnEvent()
    running.cancel()
    await running.value
    #expect(slept.prefix(3).map { $0.inSeconds.rounded() } == pauses)
  }

  @Test func `Events are dropped, not waited for, while the server does not answer`() async {
    let poster = Self.poster(MemoryTransport { _ in .silence })
    let taken = (0..<40).map { _ in poster.post(Self.starting) }
    #expect(taken.filter { $0 }.count == EventPoster.room)
    #expect(poster.counts.dropped == 40 - EventPoster.room)
  }
}

extension PromptClock {
  /// Waits until the result of the first Event is known: only after that the poster sleeps for less than a second.
  @discardableResult
  fileprivate func sleptAfterAnEvent() async -> [Duration] { await slept { $0.contains { $0 < .seconds(1) } } }
}
