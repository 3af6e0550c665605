import ServiceModel
import Synchronization
import Time

/// The `HealthState` of the daemon. The sync loop changes it, and the HTTP servers read it.
package final class HealthMonitor: Sendable {
  private let state: Mutex<HealthState>
  private let clock: @Sendable () -> Moment

  package init(syncPeriod: Duration, clock: @escaping @Sendable () -> Moment = Moment.now) {
    state = Mutex(HealthState(syncPeriod: syncPeriod))
    self.clock = clock
  }

  package func queuedUpdate(_ family: IPFamily) { state.withLock { $0.queuedUpdate(family, at: clock()) } }

  package func updated(_ family: IPFamily) { state.withLock { $0.updated(family, at: clock()) } }

  /// The current own Node; nil if it was deleted.
  package func setNode(_ node: Node?) { state.withLock { $0.setNode(node) } }

  /// From now on the rules follow a restored state of this time; nil if they follow the source.
  package func setStateTime(_ time: WallTime?) { state.withLock { $0.stateTime = time } }

  package var report: HealthReport { state.withLock { $0.report(at: clock()) } }
}
