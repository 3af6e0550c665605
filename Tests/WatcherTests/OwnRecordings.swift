import Doubles
import HTTP
import Testing

@testable import Watcher

/// Short answers in the form of the API server's. These tests need no recordings.
@Suite(.timeLimit(.minutes(1))) struct OwnRecordings {
  static func service(_ name: String, _ version: Int) -> String {
    ServiceJSON.text(name, version: String(version))
  }

  static func event(_ type: String, _ object: String) -> String { #"{"type":"\#(type)","object":\#(object)}"# + "\n" }

  static func bookmark(_ version: Int, ends: Bool = false) -> String {
    let annotations = ends ? #","annotations":{"k8s.io/initial-events-end":"true"}"# : ""
    return event(
      "BOOKMARK",
      #"{"kind":"Service","apiVersion":"v1","metadata":{"resourceVersion":"\#(version)"\#(annotations)},"spec":{}}"#)
  }

  static func ok(_ text: String...) -> MemoryTransport.Answer {
    .response(status: 200, headers: ["content-type": "application/json"], body: Array(text.joined().utf8))
  }

  static func failure(_ code: Int, _ reason: String, headers: HTTPHeaders = [:]) -> MemoryTransport.Answer {
    let status =
      #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","reason":"\#(reason)","code":\#(code)}"#
    return .response(status: code, headers: headers, body: Array(status.utf8))
  }

  static func list(_ items: String..., version: Int, continuing: String = "") -> MemoryTransport.Answer {
    ok(
      """
      {"kind":"ServiceList","apiVersion":"v1","metadata":{"resourceVersion":"\(version)","continue":"\(continuing)"},
        "items": [ \(items.joined(separator: " , ")) ] }

      """)
  }

  @Test(arguments: [1, 2, 3, 5, 13, 64, 1000])
  func `pieces of any size`(_ size: Int) async {
    let outcome = await Replay(pieceSize: size).run([
      Self.ok(
        Self.event("ADDED", Self.service("b", 5)), Self.event("ADDED", Self.service("a", 3)),
        Self.bookmark(9, ends: true),
        Self.event("MODIFIED", Self.service("a", 11)), "\n", Self.event("DELETED", Self.service("b", 12)),
        Self.event("ADDED", Self.service("äöü", 13)), Self.bookmark(20))
    ])
    #expect(outcome.events.map(\.summary) == ["all a b", "set a", "remove b"])
    #expect(outcome.status.rejectedObjects == 1, "a name that no object can have")
    #expect(outcome.status.lastResourceVersion == "20")
    #expect(outcome.requests[1].contains("resourceVersion=20"))
  }

  @Test(arguments: [1, 7, 1000])
  func `pages`(_ size: Int) async {
    let outcome = await Replay(pieceSize: size).run([
      Self.failure(400, "BadRequest"),
      Self.list(Self.service("a", 3), Self.service("b", 4), version: 9, continuing: "x/y=="),
      Self.list(Self.service("c", 5), version: 9), Self.failure(410, "Expired"), Self.failure(400, "BadRequest"),
      Self.list(Self.service("c", 5), version: 30),
    ])
    #expect(outcome.events.map(\.summary) == ["all a b c", "all c"])
    #expect(outcome.requests[1].contains("limit=500") && outcome.requests[1].contains("resourceVersion=0"))
    #expect(outcome.requests[2].contains("continue=x%2Fy%3D%3D") && !outcome.requests[2].contains("resourceVersion"))
    #expect(outcome.requests[3].contains("resourceVersion=9&"))
    // After 410 the reflector reads the newest version, from etcd.
    #expect(!outcome.requests[4].contains("resourceVersion=") && !outcome.requests[5].contains("resourceVersion="))
  }

  @Test func `Retry-After is as long as the server says`() async {
    let clock = PromptClock()
    let answers = [Self.failure(429, "TooManyRequests", headers: ["retry-after": "42"])]
    let outcome = await Replay(clock: clock).run(answers)
    #expect(outcome.requests.count == 2)
    #expect(clock.slept.contains { $0 > .seconds(41) && $0 <= .seconds(42) })
  }

  @Test func `credentials are refreshed before the next try`() async {
    let outcome = await Replay().run([Self.failure(401, "Unauthorized"), Self.ok(Self.bookmark(3, ends: true))])
    #expect(outcome.refreshes == 1)
    #expect(outcome.events.map(\.summary) == ["all "])
  }

  @Test func `a list that is cut off sends no event`() async {
    let whole = #"{"kind":"ServiceList","metadata":{"resourceVersion":"9"},"items":[\#(Self.service("a", 3))"#
    let outcome = await Replay().run([
      Self.failure(400, "BadRequest"), .cut(body: Array(whole.utf8)), Self.failure(400, "BadRequest"),
      Self.ok(whole), Self.failure(400, "BadRequest"), Self.list(Self.service("b", 4), version: 10),
    ])
    #expect(outcome.events.map(\.summary) == ["all b"])
    #expect(outcome.status.lists == 1)
  }

  @Test func `headless and foreign Services send no event`() async {
    let headless =
      #"{"kind":"Service","apiVersion":"v1","metadata":{"name":"h","namespace":"n","resourceVersion":"1"},"spec":{"clusterIP":"None"}}"#
    let outcome = await Replay().run([
      Self.ok(
        Self.event("ADDED", headless), Self.bookmark(2, ends: true), Self.event("ADDED", Self.service("a", 3)),
        Self.event("MODIFIED", headless.replacing(#""1""#, with: #""4""#)))
    ])
    #expect(outcome.events.map(\.summary) == ["all ", "set a"])
    #expect(outcome.status.rejectedObjects == 0)
  }
}
