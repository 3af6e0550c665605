import Conntrack
import IPTables
import ServiceModel
import Telemetry
import Time

/// kube-proxy's metrics of iptables mode with the same names, labels and buckets, so dashboards and alerts keep
/// working.
///
/// Each method says what happened. No other type knows a metric's name. The metrics of the given families exist from
/// the start, at zero.
package struct ProxyMetrics: Sendable {
  package let registry: MetricsRegistry
  let ids: ProxyMetricIDs
  let own: OwnMetricIDs

  package init(registry: MetricsRegistry = MetricsRegistry(), families: [IPFamily] = IPFamily.allCases) {
    self.registry = registry
    ids = ProxyMetricIDs(registry)
    own = OwnMetricIDs(registry)
    for family in families {
      for id in [own.foreignChanges, own.conntrackFailures] { registry.touch(id, [family.rawValue]) }
      for id in ids.perFamily { registry.touch(id, [family.rawValue]) }
      for policy in ["external", "internal"] { registry.touch(ids.noLocalEndpoints, [family.rawValue, policy]) }
    }
  }

  // MARK: syncs

  /// A full or a partial sync ended, with or without success.
  func syncEnded(_ family: IPFamily, took duration: Duration, isFull: Bool) {
    registry.observe(duration.inSeconds, in: ids.syncDuration, [family.rawValue])
    registry.observe(duration.inSeconds, in: isFull ? ids.fullSync : ids.partialSync, [family.rawValue])
  }

  /// A sync was requested.
  func syncQueued(_ family: IPFamily, at time: WallTime) {
    registry.set(ids.lastQueued, [family.rawValue], to: time.secondsSince1970)
  }

  /// The rules are in the kernel.
  package func synced(_ family: IPFamily, at time: WallTime) {
    registry.set(ids.lastSynced, [family.rawValue], to: time.secondsSince1970)
  }

  /// iptables-restore failed. If the sync was to write only changes (`isPartial`), the failure counts in both metrics.
  func restoreFailed(_ family: IPFamily, isPartial: Bool) {
    registry.add(to: ids.restoreFailures, [family.rawValue])
    if isPartial { registry.add(to: ids.partialRestoreFailures, [family.rawValue]) }
  }

  /// How many rules of a table the last sync wrote, and how many rules of ours the table has now.
  package func rules(_ family: IPFamily, _ table: Table, written: Int, total: Int) {
    registry.set(ids.rulesLast, [family.rawValue, table.rawValue], to: Double(written))
    registry.set(ids.rulesTotal, [family.rawValue, table.rawValue], to: Double(total))
  }

  /// How many Service ports have the traffic policy Local and endpoints, but no endpoint on this node.
  package func noLocalEndpoints(_ family: IPFamily, external: Int, internal: Int) {
    registry.set(ids.noLocalEndpoints, [family.rawValue, "external"], to: Double(external))
    registry.set(ids.noLocalEndpoints, [family.rawValue, "internal"], to: Double(`internal`))
  }

  /// The time from an EndpointSlice's last-change-trigger-time until its rules are in the kernel.
  package func programmed(_ family: IPFamily, latency: Duration) {
    registry.observe(latency.inSeconds, in: ids.networkProgramming, [family.rawValue])
  }

  // MARK: changes

  /// Changes of Services or their endpoints arrived.
  package func serviceChanges(_ count: Int) { registry.add(Double(count), to: ids.serviceChanges) }
  func endpointChanges(_ count: Int) { registry.add(Double(count), to: ids.endpointChanges) }

  /// How many objects have changed since the last sync.
  package func pending(services: Int, endpoints: Int) {
    registry.set(ids.servicesPending, to: Double(services))
    registry.set(ids.endpointsPending, to: Double(endpoints))
  }

  // MARK: conntrack

  func reconciled(_ result: ReconcileResult) {
    registry.add(Double(result.report.deleted), to: ids.conntrackDeleted, [result.family.rawValue])
    registry.observe(result.duration.inSeconds, in: ids.conntrackDuration, [result.family.rawValue])
    if result.error != nil { registry.add(to: own.conntrackFailures, [result.family.rawValue]) }
  }

  // MARK: metrics that kube-proxy does not have

  func version(_ version: String) { registry.set(own.buildInfo, [version], to: 1) }

  /// How many chains a table has now.
  func chains(_ family: IPFamily, _ table: Table, total: Int) {
    registry.set(own.chains, [family.rawValue, table.rawValue], to: Double(total))
  }

  /// Another program changed the rules of a family.
  func changedBySomebodyElse(_ family: IPFamily) { registry.add(to: own.foreignChanges, [family.rawValue]) }

  // MARK: packets and health

  /// Number of packets that the kernel's nfacct objects counted so far; nil if an object does not exist.
  package func packets(invalidDropped: UInt64?, localhostNodePortsAccepted: UInt64?) {
    if let invalidDropped { registry.set(ids.invalidDropped, to: Double(invalidDropped)) }
    if let localhostNodePortsAccepted { registry.set(ids.localhostAccepted, to: Double(localhostNodePortsAccepted)) }
  }

  func healthzAnswered(_ status: Int) { registry.add(to: ids.healthz, ["\(status)"]) }
  func livezAnswered(_ status: Int) { registry.add(to: ids.livez, ["\(status)"]) }
}
