import Telemetry

/// The declarations of all kubeproxy_* metrics of iptables mode, with the help texts and buckets of kube-proxy 1.36.
struct ProxyMetricIDs: Sendable {
  let syncDuration, fullSync, partialSync: MetricID
  let lastQueued, lastSynced: MetricID
  let restoreFailures, partialRestoreFailures: MetricID
  let rulesLast, rulesTotal, noLocalEndpoints: MetricID
  let networkProgramming: MetricID
  let serviceChanges, servicesPending, endpointChanges, endpointsPending: MetricID
  let conntrackDeleted, conntrackDuration: MetricID
  let invalidDropped, localhostAccepted: MetricID
  let healthz, livez: MetricID

  /// The metrics whose only label is the family.
  var perFamily: [MetricID] {
    [
      syncDuration, fullSync, partialSync, lastQueued, lastSynced, restoreFailures, partialRestoreFailures,
      networkProgramming, conntrackDeleted, conntrackDuration,
    ]
  }

  init(_ registry: MetricsRegistry) {
    func metric(
      _ name: String, _ help: String, _ kind: MetricKind, _ labels: [String] = [], buckets: [Double] = []
    ) -> MetricID {
      registry.declare(
        MetricDefinition("kubeproxy_" + name, "[ALPHA] " + help, kind, labels: labels, buckets: buckets))
    }
    let family = ["ip_family"]
    let latency = ProxyMetricIDs.latencyBuckets
    syncDuration = metric(
      "sync_proxy_rules_duration_seconds", "SyncProxyRules latency in seconds", .histogram, family, buckets: latency)
    fullSync = metric(
      "sync_full_proxy_rules_duration_seconds", "SyncProxyRules latency in seconds for full resyncs", .histogram,
      family, buckets: latency)
    partialSync = metric(
      "sync_partial_proxy_rules_duration_seconds", "SyncProxyRules latency in seconds for partial resyncs", .histogram,
      family, buckets: latency)
    lastQueued = metric(
      "sync_proxy_rules_last_queued_timestamp_seconds", "The last time a sync of proxy rules was queued", .gauge, family
    )
    lastSynced = metric(
      "sync_proxy_rules_last_timestamp_seconds", "The last time proxy rules were successfully synced", .gauge, family)
    restoreFailures = metric(
      "sync_proxy_rules_iptables_restore_failures_total", "Cumulative proxy iptables restore failures", .counter, family
    )
    partialRestoreFailures = metric(
      "sync_proxy_rules_iptables_partial_restore_failures_total", "Cumulative proxy iptables partial restore failures",
      .counter, family)
    rulesLast = metric(
      "sync_proxy_rules_iptables_last", "Number of iptables rules written by kube-proxy in last sync", .gauge,
      ["ip_family", "table"])
    rulesTotal = metric(
      "sync_proxy_rules_iptables_total", "Total number of iptables rules owned by kube-proxy", .gauge,
      ["ip_family", "table"])
    noLocalEndpoints = metric(
      "sync_proxy_rules_no_local_endpoints_total", "Number of services with a Local traffic policy and no endpoints",
      .gauge, ["ip_family", "traffic_policy"])
    networkProgramming = metric(
      "network_programming_duration_seconds", "In Cluster Network Programming Latency in seconds", .histogram, family,
      buckets: ProxyMetricIDs.programmingBuckets)
    serviceChanges = metric(
      "sync_proxy_rules_service_changes_total", "Cumulative proxy rules Service changes", .counter)
    servicesPending = metric(
      "sync_proxy_rules_service_changes_pending", "Pending proxy rules Service changes", .gauge)
    endpointChanges = metric(
      "sync_proxy_rules_endpoint_changes_total", "Cumulative proxy rules Endpoint changes", .counter)
    endpointsPending = metric(
      "sync_proxy_rules_endpoint_changes_pending", "Pending proxy rules Endpoint changes", .gauge)
    conntrackDeleted = metric(
      "conntrack_reconciler_deleted_entries_total", "Cumulative conntrack flows deleted by conntrack reconciler",
      .counter, family)
    conntrackDuration = metric(
      "conntrack_reconciler_sync_duration_seconds", "ReconcileConntrackFlowsLatency latency in seconds", .histogram,
      family, buckets: latency)
    invalidDropped = metric(
      "iptables_ct_state_invalid_dropped_packets_total",
      "packets dropped by iptables to work around conntrack problems",
      .counter)
    localhostAccepted = metric(
      "iptables_localhost_nodeports_accepted_packets_total",
      "Number of packets accepted on nodeports of loopback interface", .counter)
    healthz = metric("proxy_healthz_total", "Cumulative proxy healthz HTTP status", .counter, ["code"])
    livez = metric("proxy_livez_total", "Cumulative proxy livez HTTP status", .counter, ["code"])
  }

  /// Starts at a millisecond and doubles 14 times.
  static let latencyBuckets = (0..<15).map { 0.001 * Double(1 << $0) }

  /// Small steps up to a minute, then larger steps up to five minutes. The first bucket is 0, although nothing is that
  /// fast, because the function with which Kubernetes merges bucket lists adds it in kube-proxy too.
  static let programmingBuckets =
    [0, 0.25, 0.5] + (1...59).map(Double.init) + stride(from: 60.0, through: 115, by: 5)
    + stride(from: 120.0, through: 300, by: 30)
}
