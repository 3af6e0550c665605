import Conntrack
import ServiceModel
import Synchronization

/// A connection tracking table in memory, for tests.
package final class MemoryConntrackTable: ConntrackTable {
  private struct State {
    var flows: Set<Flow>
    var failure: ConntrackError?
    var sweeps = 0
    var running = 0
    var mostRunning = 0
  }

  private let state: Mutex<State>
  private let gate: (@Sendable () async -> Void)?

  /// If `gate` is set, each sweep awaits it at its start. A test can hold a sweep there.
  package init(_ flows: Set<Flow> = [], gate: (@Sendable () async -> Void)? = nil) {
    state = Mutex(State(flows: flows))
    self.gate = gate
  }

  package var flows: Set<Flow> { state.withLock { $0.flows } }
  package var sweeps: Int { state.withLock { $0.sweeps } }
  /// The largest number of sweeps that ever ran at the same time.
  package var mostRunning: Int { state.withLock { $0.mostRunning } }

  package func insert(_ flow: Flow) { state.withLock { _ = $0.flows.insert(flow) } }

  /// Makes all sweeps fail with `error`, until it is set to nil.
  package func fail(with error: ConntrackError?) { state.withLock { $0.failure = error } }

  package func sweep(
    _ family: IPFamily, _ transport: TransportProtocol, isStale: @escaping @Sendable (Flow) -> Bool
  ) async throws(ConntrackError) -> SweepReport {
    state.withLock {
      $0.running += 1
      $0.mostRunning = max($0.mostRunning, $0.running)
    }
    defer {
      state.withLock {
        $0.running -= 1
        $0.sweeps += 1
      }
    }
    await gate?()
    if let failure = state.withLock({ $0.failure }) { throw failure }
    var report = SweepReport()
    for flow in flows where flow.destination.address.family == family && flow.transport == transport {
      report.examined += 1
      guard isStale(flow) else { continue }
      report.deleted += 1
      state.withLock { _ = $0.flows.remove(flow) }
    }
    return report
  }
}
