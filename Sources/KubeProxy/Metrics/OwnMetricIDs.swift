import Telemetry

/// The declarations of the metrics that kube-proxy does not have.
///
/// `kubernetes_build_info` is missing on purpose: alerts compare its version with those of the other components.
struct OwnMetricIDs: Sendable {
  let buildInfo: MetricID
  let chains: MetricID
  let foreignChanges: MetricID
  let conntrackFailures: MetricID

  init(_ registry: MetricsRegistry) {
    func metric(_ name: String, _ help: String, _ kind: MetricKind, _ labels: String...) -> MetricID {
      registry.declare(MetricDefinition("swiftkubeproxy_" + name, help, kind, labels: labels))
    }
    buildInfo = metric(
      "build_info", "The program's version, as a label of a series that is always 1.", .gauge, "version")
    chains = metric("chains", "Number of iptables chains owned by this program.", .gauge, "ip_family", "table")
    foreignChanges = metric(
      "foreign_changes_total", "How often the proxy noticed that another program changed the rules.", .counter,
      "ip_family")
    conntrackFailures = metric(
      "conntrack_reconciler_failures_total", "Failed runs of the conntrack reconciler.", .counter, "ip_family")
  }
}
