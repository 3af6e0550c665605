/// Writes metrics in Prometheus' text format, version 0.0.4. Numbers have the format of Go's client library.
package enum PrometheusText {
  package static let contentType = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"

  package static func render(_ metrics: [MetricsRegistry.Metric]) -> String {
    var text = ""
    for metric in metrics where !metric.series.isEmpty {
      text += "# HELP \(metric.definition.name) \(escape(metric.definition.help, quotes: false))\n"
      text += "# TYPE \(metric.definition.name) \(metric.definition.kind.rawValue)\n"
      let ordered = metric.series.sorted { $0.key.lexicographicallyPrecedes($1.key) }
      for (labels, series) in ordered { render(series, labels, of: metric.definition, to: &text) }
    }
    return text
  }

  private static func render(
    _ series: MetricsRegistry.Series, _ values: [String], of definition: MetricDefinition, to text: inout String
  ) {
    let labels = zip(definition.labels, values).map { "\($0)=\"\(escape($1, quotes: true))\"" }
    func line(_ suffix: String, _ extra: String?, _ value: String) {
      let all = labels + (extra.map { [$0] } ?? [])
      text += definition.name + suffix
      if !all.isEmpty { text += "{\(all.joined(separator: ","))}" }
      text += " \(value)\n"
    }
    guard definition.kind == .histogram else { return line("", nil, number(series.value)) }
    var sum: UInt64 = 0
    for (bound, count) in zip(definition.buckets + [.infinity], series.counts) {
      sum += count
      line("_bucket", "le=\"\(number(bound))\"", "\(sum)")
    }
    line("_sum", nil, number(series.value))
    line("_count", nil, "\(sum)")
  }

  private static func escape(_ text: String, quotes: Bool) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\"" where quotes: result += "\\\""
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    return GoNumber(value).text
  }
}
