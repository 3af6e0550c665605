/// The iptables processes that this program started: those that run, and the last few that ended.
///
/// The kernel announces a commit while the process still runs, but this program may read the message after the process
/// has ended. So the pids of ended processes are kept for a while.
package final class OwnProcesses: Sendable {
  private struct State {
    var running: [Int32] = []
    var recent: [Int32] = []
    var observers: [Int: @Sendable ([Int32]) -> Void] = [:]
    var nextObserver = 0
  }

  private let state = SharedValue(State())
  private static let kept = 64

  package init() {}

  /// Whether the pid belongs to an iptables process of this program that runs or ended recently.
  package func contains(_ pid: Int32) -> Bool { state.withLock { $0.recent.contains(pid) } }

  /// The pids of the processes that run now.
  package var running: [Int32] { state.withLock { $0.running } }

  func begin(_ pid: Int32) {
    state.withLock { state in
      state.running.append(pid)
      if state.recent.count >= OwnProcesses.kept { state.recent.removeFirst() }
      state.recent.append(pid)
      for observer in state.observers.values { observer(state.running) }
    }
  }

  func end(_ pid: Int32) {
    state.withLock { state in
      state.running.removeAll { $0 == pid }
      for observer in state.observers.values { observer(state.running) }
    }
  }

  /// Calls `body` with the running processes whenever they change. A new process gets no input before that call.
  func observe(_ body: @escaping @Sendable ([Int32]) -> Void) -> Int {
    state.withLock { state in
      defer { state.nextObserver += 1 }
      state.observers[state.nextObserver] = body
      return state.nextObserver
    }
  }

  func stopObserving(_ observer: Int) { state.withLock { $0.observers[observer] = nil } }
}
