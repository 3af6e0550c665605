import ServiceModel
import Synchronization
import Testing
import Watcher

@testable import KubeProxy
@testable import Time

@Suite(.timeLimit(.minutes(5))) struct EventTests {
  private let start = Moment(wall: .epoch, ticks: 0)

  private func event(_ node: Int) -> APIEvent { .starting(node: "node-\(node)") }

  @Test func `the start Event has kube-proxy's fields`() {
    let event = APIEvent.starting(node: "kind-worker")
    #expect(event.kind.rawValue == "Normal")
    #expect([event.reason, event.action, event.note] == ["Starting", "StartKubeProxy", ""])
    #expect(
      event.regarding == APIEvent.Regarding(kind: "Node", name: "kind-worker", uid: "kind-worker"))
  }

  @Test func `the same event passes once in five minutes`() {
    var limiter = EventLimiter()
    let admitted = [0, 1, 299, 300, 599, 600].map { second in
      limiter.admit(event(1), at: start.advanced(by: .seconds(second)))
    }
    #expect(admitted == [true, false, false, true, false, true])
  }

  @Test func `after 25 Events at once one every ten seconds passes`() {
    var limiter = EventLimiter()
    let atOnce = (0..<100).filter { limiter.admit(event($0), at: start) }
    #expect(atOnce == Array(0..<25))
    let later = (100..<200).filter { limiter.admit(event($0), at: start.advanced(by: .seconds(35))) }
    #expect(later == [100, 101, 102], "one every ten seconds")
    let muchLater = (200..<300).filter { limiter.admit(event($0), at: start.advanced(by: .seconds(100_000))) }
    #expect(muchLater.count == 25)
  }

  @Test func `the gate lets through what the limiter admits`() {
    let posted = Mutex<[APIEvent]>([])
    let gate = EventGate(clock: { start }, post: { event in posted.withLock { $0.append(event) } })
    for node in [1, 1, 2] { gate.send(event(node)) }
    #expect(posted.withLock { $0 } == [event(1), event(2)])
  }

  @Test func `a long note is cut`() {
    let event = APIEvent.healthCheckFailed(
      node: "n", service: .init(namespace: "a", name: "b")!, port: 1, cause: String(repeating: "ü", count: 2000))
    #expect(event.note.utf8.count <= 1024)
    #expect(event.note.hasSuffix("…"))
  }
}
