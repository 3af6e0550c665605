import ServiceModel
import Shadow
import Telemetry
import Time

/// Metrics of the shadow mode, which kube-proxy does not have. They exist only with `--shadow`.
struct ShadowMetrics: Sendable {
  private let registry: MetricsRegistry
  private let differences: MetricID
  private let omitted: MetricID
  private let time: MetricID
  private let duration: MetricID
  private let failures: MetricID

  init(_ registry: MetricsRegistry, families: [IPFamily]) {
    self.registry = registry
    differences = registry.declare(
      MetricDefinition(
        "swiftkubeproxy_shadow_differences",
        "Number of points in which the kernel's rules have differed from the planned ones for longer than the delay",
        .gauge, labels: ["family", "kind"]))
    omitted = registry.declare(
      MetricDefinition(
        "swiftkubeproxy_shadow_omitted_chains",
        "Number of chains that differ but were not compared rule by rule, because there are too many", .gauge,
        labels: ["family"])
    )
    time = registry.declare(
      MetricDefinition(
        "swiftkubeproxy_shadow_last_comparison_timestamp_seconds", "When the last successful comparison began", .gauge,
        labels: ["family"]))
    duration = registry.declare(
      MetricDefinition(
        "swiftkubeproxy_shadow_last_comparison_duration_seconds", "How long the last successful comparison took",
        .gauge, labels: ["extent", "family"]))
    failures = registry.declare(
      MetricDefinition(
        "swiftkubeproxy_shadow_comparison_failures_total", "Number of comparisons without a result", .counter,
        labels: ["family"]))
    for family in families {
      set(family, [], omitted: 0)
      registry.touch(failures, [family.rawValue])
    }
  }

  /// Sets what is reported now. A kind without findings is zero.
  func set(_ family: IPFamily, _ groups: [ShadowMemory.Group], omitted count: Int) {
    for kind in ShadowKind.allCases {
      let number = groups.filter { $0.kind == kind }.reduce(0) { $0 + $1.findings.count }
      registry.set(differences, [family.rawValue, kind.rawValue], to: Double(number))
    }
    registry.set(omitted, [family.rawValue], to: Double(count))
  }

  func compared(_ family: IPFamily, at start: Moment, took: Duration, isWhole: Bool) {
    registry.set(time, [family.rawValue], to: start.wall.secondsSince1970)
    registry.set(duration, [isWhole ? "whole" : "part", family.rawValue], to: took.inSeconds)
  }

  func failed(_ family: IPFamily) { registry.add(to: failures, [family.rawValue]) }
}
