import Health
import Time
import Watcher

/// Requests the syncs that a change makes due.
struct SyncRequests: Sendable {
  let families: [FamilySync]
  let health: HealthMonitor
  let metrics: ProxyMetrics
  let clock: any MomentClock

  /// The first sync is due when everything is listed, even if there are no changes then.
  @Sendable func changed(_ change: SnapshotChange, isFirst: Bool) {
    for family in families where isFirst || change.concerns(family.family) {
      health.queuedUpdate(family.family)
      metrics.syncQueued(family.family, at: clock.now().wall)
      family.request()
    }
  }
}
