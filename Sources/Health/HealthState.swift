import ServiceModel
import Time

/// What the health endpoints know. A pure value: the sync loop and the Node's watcher change it.
///
/// A family is healthy if no update is queued for it, or if the oldest queued update has waited less than `timeout`.
/// These are kube-proxy's semantics (KEP-3836, KEP-3178).
package struct HealthState: Sendable, Equatable {
  /// How long an update may be queued before the proxy counts as unhealthy: twice the sync period.
  package let timeout: Duration
  /// When the rules of a family were last up to date.
  private var lastUpdated: [IPFamily: Moment] = [:]
  /// When the oldest update that waits for a sync was queued.
  private var oldestQueued: [IPFamily: Moment] = [:]
  /// Whether load balancers may send new traffic to this Node.
  package private(set) var isNodeEligible = true
  /// The time of the restored state that the rules follow; nil while they follow the source.
  var stateTime: WallTime?

  package init(syncPeriod: Duration) { timeout = syncPeriod * 2 }

  /// A sync of the family is due. Later calls count only after the next `updated`.
  package mutating func queuedUpdate(_ family: IPFamily, at now: Moment) {
    if oldestQueued[family] == nil { oldestQueued[family] = now }
  }

  /// The family's rules are correct now.
  package mutating func updated(_ family: IPFamily, at now: Moment) {
    oldestQueued[family] = nil
    lastUpdated[family] = now
  }

  /// The current own Node; nil if it was deleted.
  package mutating func setNode(_ node: Node?) { isNodeEligible = node.map { !$0.isBeingDeleted } ?? false }

  package func isHealthy(_ family: IPFamily, at now: Moment) -> Bool {
    guard let since = oldestQueued[family] else { return true }
    return since.duration(to: now) < timeout
  }

  package func report(at now: Moment) -> HealthReport {
    var report = HealthReport(currentTime: now.wall, isNodeEligible: isNodeEligible, stateTime: stateTime)
    for family in Set(lastUpdated.keys).union(oldestQueued.keys) {
      let isHealthy = isHealthy(family, at: now)
      // A family that was never updated is listed only if it is unhealthy.
      if lastUpdated[family] != nil || !isHealthy {
        report.families[family] = HealthReport.Family(lastUpdated: lastUpdated[family]?.wall, isHealthy: isHealthy)
      }
    }
    return report
  }
}
