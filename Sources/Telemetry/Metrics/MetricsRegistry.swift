import Synchronization

package enum MetricKind: String, Sendable { case counter, gauge, histogram }

/// The declaration of a metric: its name, help text, kind and label names.
package struct MetricDefinition: Sendable {
  package let name: String
  package let help: String
  package let kind: MetricKind
  /// Sorted by name, which is the order of the output.
  package let labels: [String]
  /// Upper bounds of a histogram's buckets in rising order, without infinity.
  package let buckets: [Double]

  package init(_ name: String, _ help: String, _ kind: MetricKind, labels: [String] = [], buckets: [Double] = []) {
    precondition(labels == labels.sorted() && buckets == buckets.sorted())
    self.name = name
    self.help = help
    self.kind = kind
    self.labels = labels
    self.buckets = buckets
  }
}

/// All metrics of a process with their current values. Every call is short. Any thread may call.
package final class MetricsRegistry: Sendable {
  package struct Series: Sendable {
    var value = 0.0
    /// For a histogram: the number of observations in each bucket alone. The last bucket has no upper bound.
    var counts: [UInt64] = []
  }

  package struct Metric: Sendable {
    let definition: MetricDefinition
    var series: [[String]: Series] = [:]
  }

  private let metrics = Mutex<[Metric]>([])

  package init() {}

  /// Declares a metric and returns its handle. A metric without labels has the value zero from now on.
  package func declare(_ definition: MetricDefinition) -> MetricID {
    metrics.withLock {
      precondition(!$0.contains { $0.definition.name == definition.name })
      $0.append(Metric(definition: definition))
      if definition.labels.isEmpty { $0[$0.count - 1].touch([]) }
      return MetricID(index: $0.count - 1)
    }
  }

  /// Makes a metric appear with these label values, at zero.
  package func touch(_ id: MetricID, _ labels: [String] = []) { metrics.withLock { $0[id.index].touch(labels) } }

  package func add(_ amount: Double = 1, to id: MetricID, _ labels: [String] = []) {
    metrics.withLock { $0[id.index].series[labels, default: Series()].value += amount }
  }

  package func set(_ id: MetricID, _ labels: [String] = [], to value: Double) {
    metrics.withLock { $0[id.index].series[labels, default: Series()].value = value }
  }

  package func observe(_ value: Double, in id: MetricID, _ labels: [String] = []) {
    metrics.withLock { $0[id.index].observe(value, labels) }
  }

  package func value(_ id: MetricID, _ labels: [String] = []) -> Double? {
    metrics.withLock { $0[id.index].series[labels]?.value }
  }

  /// All metrics, sorted by name.
  package func snapshot() -> [Metric] { metrics.withLock { $0 }.sorted { $0.definition.name < $1.definition.name } }
}

/// A declared metric of one registry.
package struct MetricID: Sendable, Hashable { fileprivate let index: Int }

extension MetricsRegistry.Metric {
  package mutating func touch(_ labels: [String]) {
    precondition(labels.count == definition.labels.count)
    if series[labels] == nil { series[labels] = empty }
  }

  package mutating func observe(_ value: Double, _ labels: [String]) {
    let bucket = definition.buckets.firstIndex { value <= $0 } ?? definition.buckets.count
    var changed = series.removeValue(forKey: labels) ?? empty
    changed.counts[bucket] += 1
    changed.value += value
    series[labels] = changed
  }

  private var empty: MetricsRegistry.Series {
    let buckets = definition.kind == .histogram ? definition.buckets.count + 1 : 0
    return MetricsRegistry.Series(counts: Array(repeating: 0, count: buckets))
  }
}
