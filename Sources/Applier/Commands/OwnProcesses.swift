/// The iptables-restore processes of this program that run now. No other program of iptables commits to nf_tables.
package final class OwnProcesses: Sendable {
  enum Event: Sendable {
    case began(Int32)
    case ended(Int32)
  }

  typealias Observer = @Sendable (Event, _ running: [Int32]) -> Void

  private struct State {
    var running: [Int32] = []
    var observers: [Int: Observer] = [:]
    var nextObserver = 0

    func tell(_ event: Event) {
      for observer in observers.values { observer(event, running) }
    }
  }

  private let state = SharedValue(State())

  package init() {}

  package var running: [Int32] { state.withLock { $0.running } }

  func begin(_ pid: Int32) {
    state.withLock { state in
      state.running.append(pid)
      state.tell(.began(pid))
    }
  }

  func end(_ pid: Int32) {
    state.withLock { state in
      state.running.removeAll { $0 == pid }
      state.tell(.ended(pid))
    }
  }

  /// Calls `body` for each process that runs, and later for each process that begins or ends, with all that run then. A
  /// new process gets no input before that call.
  func observe(_ body: @escaping Observer) -> Int {
    state.withLock { state in
      defer { state.nextObserver += 1 }
      state.observers[state.nextObserver] = body
      for pid in state.running { body(.began(pid), state.running) }
      return state.nextObserver
    }
  }

  func stopObserving(_ observer: Int) { state.withLock { $0.observers[observer] = nil } }
}
