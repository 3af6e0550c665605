import Foundation
import Lab
import ServiceModel
import Testing

@testable import KubeProxy
@testable import Telemetry

/// Alerts and dashboard of manifests/monitoring: well-formed, and about metrics that the daemon exports.
@Suite(.timeLimit(.minutes(5))) struct MonitoringTests {
  /// What the daemon exports: names of series, and the labels of each.
  static let exported: [String: Set<String>] = {
    let registry = MetricsRegistry()
    _ = ProxyMetrics(registry: registry)
    _ = ProcessMetrics(registry)
    _ = RestClientMetrics(registry, host: "server:6443")
    _ = StateMetrics(registry)
    _ = ShadowMetrics(registry, families: IPFamily.allCases)
    var series: [String: Set<String>] = [:]
    for metric in registry.snapshot() {
      let (name, labels) = (metric.definition.name, Set(metric.definition.labels))
      guard metric.definition.kind == .histogram else {
        series[name] = labels
        continue
      }
      for suffix in ["_sum", "_count"] { series[name + suffix] = labels }
      series[name + "_bucket"] = labels.union(["le"])
    }
    return series
  }()

  static func metrics(in query: String) -> [String] {
    query.matches(of: /\b(?:swift_kube_proxy|swiftkubeproxy|kubeproxy|process|rest_client)_\w+/).map { String($0.0) }
  }

  @Test
  func `every query is about series that the daemon exports, and groups them by labels that they have`() throws {
    let queries = try Monitoring.panels().flatMap(\.queries) + Monitoring.alerts().compactMap { $0["expr"].string }
    #expect(queries.count > 40)
    // Labels that Prometheus itself adds.
    let general: Set<String> = ["instance", "node"]
    for query in queries {
      let names = Self.metrics(in: query)
      for name in names { #expect(Self.exported[name] != nil, "\(name)") }
      let known = names.reduce(into: general) { $0.formUnion(Self.exported[$1] ?? []) }
      for grouping in query.matches(of: /by \(([^)]*)\)/) {
        for label in grouping.1.split(separator: ",") {
          #expect(known.contains(label.trimmingCharacters(in: .whitespaces)), "\(label) in \(query)")
        }
      }
    }
  }

  @Test
  func `an unknown metric in a query is found`() {
    #expect(Self.metrics(in: "rate(kubeproxy_sync_proxy_rules_total[5m])") == ["kubeproxy_sync_proxy_rules_total"])
    #expect(Self.exported["kubeproxy_sync_proxy_rules_total"] == nil)
    #expect(Self.exported["kubeproxy_sync_proxy_rules_duration_seconds_bucket"] == ["ip_family", "le"])
  }

  @Test
  func `each panel has its own title, a description and its own place`() throws {
    let panels = try Monitoring.panels()
    #expect(Set(panels.map(\.title)).count == panels.count)
    var taken: Set<[Int]> = []
    for panel in panels {
      #expect(!panel.title.isEmpty)
      #expect(!panel.description.isEmpty, "\(panel.title)")
      #expect(panel.x >= 0 && panel.x + panel.width <= 24, "\(panel.title)")
      for column in panel.x..<panel.x + panel.width {
        for row in panel.y..<panel.y + panel.height {
          #expect(taken.insert([column, row]).inserted, "\(panel.title) at \(column), \(row)")
        }
      }
    }
  }

  @Test
  func `each alert has a runbook that is there, and a test in which it fires and one in which it is silent`() throws {
    let headings = Set(
      try DocumentTests.text("docs/operations.md").matches(of: /(?m)^#+ (.*)$/).map { $0.1.lowercased() })
    let tests = try #require(try Manifests.objects("monitoring/alerts-test.yaml").first)["tests"].list
    let checks = tests.flatMap { $0["alert_rule_test"].list }
    let alerts = try Monitoring.alerts()
    #expect(alerts.count >= 8)
    for alert in alerts {
      let name = try #require(alert["alert"].string)
      #expect(alert["annotations"]["runbook"].string == "docs/operations.md#\(name.lowercased())")
      #expect(headings.contains(name.lowercased()), "\(name)")
      let own = checks.filter { $0["alertname"].string == name }
      #expect(own.contains { !$0["exp_alerts"].list.isEmpty }, "\(name) fires in no test")
      #expect(own.contains { $0["exp_alerts"].list.isEmpty }, "\(name) is silent in no test")
    }
  }

  @Test
  func `the mixin for Kubernetes finds its alert's name, its job and its series`() throws {
    let down = try #require(try Monitoring.alerts().first { $0["alert"].string == "KubeProxyDown" })
    #expect(down["expr"].string == "absent(up{job=\"kube-proxy\"} == 1)")
    #expect(down["labels"]["severity"].string == "critical")
    // Those of its dashboard, except Go's own.
    for name in [
      "kubeproxy_sync_proxy_rules_duration_seconds_count", "kubeproxy_sync_proxy_rules_duration_seconds_bucket",
      "kubeproxy_network_programming_duration_seconds_count", "kubeproxy_network_programming_duration_seconds_bucket",
      "rest_client_requests_total", "rest_client_request_duration_seconds_bucket", "process_resident_memory_bytes",
      "process_cpu_seconds_total",
    ] {
      #expect(Self.exported[name] != nil, "\(name)")
    }
    let monitor = try Manifests.text("monitoring/pod-monitor.yaml")
    #expect(monitor.contains("targetLabel: job, replacement: kube-proxy"))
    #expect(try Manifests.text("monitoring/scrape.yaml").contains("job_name: kube-proxy"))
  }

  @Test
  func `the Prometheus operator's form has the same alerts`() throws {
    let rules = try Manifests.text("monitoring/alerts.yaml")
    let groups = rules[try #require(rules.range(of: "\ngroups:")).lowerBound...].dropFirst()
    let indented = groups.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.isEmpty ? "" : "  " + $0 }.joined(separator: "\n")
    #expect(try Manifests.text("monitoring/prometheus-rule.yaml").hasSuffix("\nspec:\n" + indented))
  }

  @Test
  func `promtool finds the alerts well-formed, and recorded series raise them`() async throws {
    let folder = Manifests.folder.appending(path: "monitoring").path
    for arguments in [["check", "rules", "\(folder)/alerts.yaml"], ["test", "rules", "\(folder)/alerts-test.yaml"]] {
      let output = try await Command([Monitoring.program("promtool")] + arguments).run()
      #expect(output.contains("SUCCESS"))
    }
  }
}
