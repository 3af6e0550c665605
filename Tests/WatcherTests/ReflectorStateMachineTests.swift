import KubernetesAPI
import Testing

@testable import Watcher

/// The reflector's decisions, step by step. Objects are strings; random numbers are always 0.5, so that timeouts are
/// 450 s and pauses one and a half times their base.
@Suite(.timeLimit(.minutes(5))) struct ReflectorStateMachineTests {
  typealias Machine = ReflectorStateMachine<String>

  static func machine(isOptional: Bool = false) -> Machine { Machine(isOptional: isOptional, random: { 0.5 }) }

  static func meta(_ name: String, _ version: String = "") -> ObjectMetadata {
    ObjectMetadata(key: key(name), resourceVersion: version)
  }

  static func key(_ name: String) -> ObjectKey { ObjectKey(namespace: "default", name: name) }

  /// A machine that has streamed `a` and `b` and watches from version 10.
  static func watching(isOptional: Bool = false) -> Machine {
    var machine = machine(isOptional: isOptional)
    _ = machine.handle(.start)
    _ = machine.handle(.changed(meta("a", "5"), "a"))
    _ = machine.handle(.changed(meta("b", "7"), "b"))
    _ = machine.handle(.bookmark(resourceVersion: "10", endsInitialEvents: true))
    return machine
  }

  @Test func `a list is streamed first, and nothing is sent before its end`() {
    var machine = Self.machine()
    #expect(machine.handle(.start) == [.request(.watchList(resourceVersion: "", timeoutSeconds: 450))])
    #expect(machine.handle(.changed(Self.meta("b", "3"), "b")) == [])
    #expect(machine.handle(.changed(Self.meta("a", "2"), "a")) == [])
    #expect(machine.handle(.bookmark(resourceVersion: "4", endsInitialEvents: false)) == [])
    #expect(machine.handle(.bookmark(resourceVersion: "9", endsInitialEvents: true)) == [.replace(["a", "b"])])
    #expect(machine.handle(.changed(Self.meta("c", "10"), "c")) == [.set("c")])
    #expect(machine.resourceVersion == "10")
  }

  @Test func `changes during a streamed list are part of the list`() {
    var machine = Self.machine()
    _ = machine.handle(.start)
    _ = machine.handle(.changed(Self.meta("a", "2"), "old"))
    _ = machine.handle(.changed(Self.meta("b", "3"), "b"))
    _ = machine.handle(.changed(Self.meta("a", "5"), "new"))
    _ = machine.handle(.changed(Self.meta("a", "4"), "late"))
    _ = machine.handle(.deleted(Self.meta("b", "6")))
    #expect(machine.handle(.bookmark(resourceVersion: "9", endsInitialEvents: true)) == [.replace(["new"])])
  }

  @Test func `pages are read to their end`() {
    var machine = Self.machine()
    _ = machine.handle(.start)
    let refusal = ReflectorFailure.refused(APIStatus(code: 422, reason: "Invalid", message: ""))
    #expect(
      machine.handle(.failed(refusal)) == [
        .report(.fallsBackToList(refusal)), .request(.list(resourceVersion: "0", continuing: nil, limit: 500)),
      ])
    #expect(machine.handle(.item(Self.meta("b", "3"), "b")) == [])
    #expect(
      machine.handle(.endOfPage(resourceVersion: "9", continuing: "next"))
        == [.request(.list(resourceVersion: "0", continuing: "next", limit: 500))])
    #expect(machine.handle(.item(Self.meta("a", "4"), "a")) == [])
    #expect(
      machine.handle(.endOfPage(resourceVersion: "9", continuing: nil))
        == [.replace(["a", "b"]), .request(.watch(resourceVersion: "9", timeoutSeconds: 450))])
  }

  @Test func `a watch that ends continues at its version`() {
    var machine = Self.watching()
    _ = machine.handle(.changed(Self.meta("c", "12"), "c"))
    #expect(machine.handle(.ended) == [.request(.watch(resourceVersion: "12", timeoutSeconds: 450))])
    // The watch ended without any event, so the next one waits.
    #expect(machine.handle(.ended) == [.wait(.milliseconds(1200))])
    #expect(machine.handle(.waited) == [.request(.watch(resourceVersion: "12", timeoutSeconds: 450))])
    // A bookmark counts like a change.
    #expect(machine.handle(.bookmark(resourceVersion: "20", endsInitialEvents: false)) == [])
    #expect(machine.handle(.ended) == [.request(.watch(resourceVersion: "20", timeoutSeconds: 450))])
  }

  @Test(
    arguments: [
      (Input.changed(meta("a", "5"), "again"), [], "the same version again"),
      (.changed(meta("a", "4"), "late"), [], "an older version"),
      (.changed(meta("a", "11"), "new"), [.set("new")], "a newer version"),
      (.changed(meta("a", "11"), nil), [.remove(key("a"))], "it became none of our business, or unreadable"),
      (.changed(meta("x", "11"), nil), [], "it never was our business"),
      (.deleted(meta("a", "11")), [.remove(key("a"))], "deleted"),
      (.deleted(meta("a", "4")), [], "a late deletion of an object that was made again since"),
      (.deleted(meta("x", "11")), [], "deleted without having been known"),
      (.changed(meta("a", ""), "new"), [.set("new")], "no version: nothing to compare"),
    ] as [(Input, [Machine.Action], String)])
  func `events`(_ input: Input, _ actions: [Machine.Action], _ reason: String) {
    var machine = Self.watching()
    #expect(machine.handle(input) == actions, "\(reason)")
  }

  typealias Input = ReflectorInput<String>

  @Test func `a late event does not bring back what was deleted`() {
    var machine = Self.watching()
    #expect(machine.handle(.deleted(Self.meta("a", "12"))) == [.remove(Self.key("a"))])
    #expect(machine.handle(.changed(Self.meta("a", "11"), "a")) == [])
    #expect(machine.handle(.changed(Self.meta("a", "13"), "a")) == [.set("a")])
    #expect(machine.resourceVersion == "13")
  }

  @Test func `events out of order do not make the watch go back`() {
    var machine = Self.watching()
    #expect(machine.handle(.changed(Self.meta("c", "15"), "c")) == [.set("c")])
    #expect(machine.handle(.changed(Self.meta("d", "14"), "d")) == [.set("d")])
    #expect(machine.resourceVersion == "15")
  }

  @Test(arguments: [
    (ReflectorFailure.refused(APIStatus(code: 410, reason: "Expired", message: "")), "as a status"),
    (.errorEvent(APIStatus(code: 410, reason: "Expired", message: "")), "as an event"),
    (.errorEvent(APIStatus(code: 410, reason: "Gone", message: "")), "older servers' reason"),
  ])
  func `an expired version leads to a new list`(_ failure: ReflectorFailure, _ form: String) {
    var machine = Self.watching()
    #expect(
      machine.handle(.failed(failure)) == [
        .report(.relists(reason: failure.description)), .wait(.milliseconds(1200)),
      ], "\(form): every node of the cluster hears it at the same time")
    #expect(machine.handle(.waited) == [.request(.watchList(resourceVersion: "", timeoutSeconds: 450))])
    _ = machine.handle(.changed(Self.meta("b", "7"), "b"))
    // Objects that the new list does not contain are removed.
    #expect(machine.handle(.bookmark(resourceVersion: "30", endsInitialEvents: true)) == [.replace(["b"])])
    // The same failure comes again at once. The pause is longer now, so that the reflector does not loop.
    let actions = machine.handle(.failed(failure))
    #expect(actions.last == .wait(.milliseconds(2400)))
    #expect(machine.handle(.waited) == [.request(.watchList(resourceVersion: "", timeoutSeconds: 450))])
  }

  @Test func `an expired page token means a list in one piece`() {
    var machine = Self.machine()
    _ = machine.handle(.start)
    _ = machine.handle(.failed(.errorEvent(APIStatus(code: 500, reason: "InternalError", message: ""))))
    _ = machine.handle(.item(Self.meta("a", "1"), "a"))
    _ = machine.handle(.endOfPage(resourceVersion: "9", continuing: "next"))
    let expired = ReflectorFailure.refused(APIStatus(code: 410, reason: "Expired", message: ""))
    #expect(
      machine.handle(.failed(expired)) == [
        .report(.failure(expired, retryAfter: nil)),
        .request(.list(resourceVersion: "0", continuing: nil, limit: nil)),
      ])
    _ = machine.handle(.item(Self.meta("b", "2"), "b"))
    // The first page is forgotten.
    #expect(machine.handle(.endOfPage(resourceVersion: "11", continuing: nil)).first == .replace(["b"]))
  }

  @Test func `a server with older data is asked for the data it has`() {
    var machine = Self.watching()
    _ = machine.handle(.failed(.refused(APIStatus(code: 410, reason: "Expired", message: ""))))
    _ = machine.handle(.waited)
    _ = machine.handle(.bookmark(resourceVersion: "30", endsInitialEvents: true))
    _ = machine.handle(.bookmark(resourceVersion: "31", endsInitialEvents: false))
    machine.phase = .waitingToSync
    #expect(machine.handle(.waited) == [.request(.watchList(resourceVersion: "31", timeoutSeconds: 450))])
    let message = "Timeout: Too large resource version: 31, current: 12"
    let behind = ReflectorFailure.refused(APIStatus(code: 504, reason: "Timeout", message: message))
    #expect(machine.handle(.failed(behind)).last == .wait(.milliseconds(1200)))
    #expect(machine.handle(.waited) == [.request(.watchList(resourceVersion: "", timeoutSeconds: 450))])
  }
}
