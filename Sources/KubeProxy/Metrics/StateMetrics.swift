import Telemetry
import Time

/// Metrics of the state file, which kube-proxy does not have. They exist only with `--state-file`.
struct StateMetrics: Sendable {
  private let registry: MetricsRegistry
  private let age: MetricID
  private let restored: MetricID

  init(_ registry: MetricsRegistry) {
    self.registry = registry
    age = registry.declare(
      MetricDefinition(
        "swiftkubeproxy_state_age_seconds",
        "Age of the restored state that the rules use; 0 while they use the API server's objects", .gauge))
    restored = registry.declare(
      MetricDefinition(
        "swiftkubeproxy_state_restored_total", "How often the rules were written from the state file", .counter))
  }

  func set(age duration: Duration) { registry.set(age, to: duration.inSeconds) }
  func wasRestored() { registry.add(to: restored) }
}
