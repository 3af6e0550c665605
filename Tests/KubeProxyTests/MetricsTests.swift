import Conntrack
import IPTables
import ServiceModel
import Testing

@testable import KubeProxy
@testable import Telemetry
@testable import Time

@Suite(.timeLimit(.minutes(5))) struct MetricsTests {
  private func parse(_ registry: MetricsRegistry) throws -> [String: PrometheusParser.Family] {
    try PrometheusParser.parse(PrometheusText.render(registry.snapshot()))
  }

  struct NumberCase: Sendable {
    let value: Double
    let text: String
  }

  @Test(arguments: [
    NumberCase(value: 0, text: "0"), NumberCase(value: 28, text: "28"), NumberCase(value: 1.024, text: "1.024"),
    NumberCase(value: 0.001, text: "0.001"), NumberCase(value: 0.0001, text: "0.0001"),
    NumberCase(value: 5e-6, text: "5e-06"), NumberCase(value: 0.320163428, text: "0.320163428"),
    NumberCase(value: 100_000, text: "100000"), NumberCase(value: 2_592_000, text: "2.592e+06"),
    NumberCase(value: 1_795_223_276.7255719, text: "1.7952232767255719e+09"),
    NumberCase(value: 1.8446744073709552e19, text: "1.8446744073709552e+19"), NumberCase(value: 1e7, text: "1e+07"),
    NumberCase(value: -2.5, text: "-2.5"), NumberCase(value: 12_345.5, text: "12345.5"),
    NumberCase(value: 1e100, text: "1e+100"), NumberCase(value: .infinity, text: "+Inf"),
    NumberCase(value: -.infinity, text: "-Inf"), NumberCase(value: .nan, text: "NaN"),
  ])
  func `numbers are spelt as Go spells them`(_ test: NumberCase) {
    #expect(PrometheusText.number(test.value) == test.text)
  }

  @Test func `any text stays within its label`() throws {
    let registry = MetricsRegistry()
    let id = registry.declare(MetricDefinition("m", "a\\b\nc \"d\"", .gauge, labels: ["a", "b"]))
    let hostile = "x\"} 1\n# TYPE evil counter\nevil\\"
    registry.set(id, [hostile, "ü"], to: 3)
    let families = try parse(registry)
    #expect(families.keys.sorted() == ["m"])
    #expect(families["m"]?.help == "a\\\\b\\nc \"d\"")
    #expect(
      families["m"]?.samples == [PrometheusParser.Sample(name: "m", labels: ["a": hostile, "b": "ü"], value: 3)])
  }

  @Test func `a histogram counts up to each bound`() throws {
    let registry = MetricsRegistry()
    let id = registry.declare(MetricDefinition("h", "Help", .histogram, buckets: [1, 2]))
    for value in [0.5, 1, 1.5, 100] { registry.observe(value, in: id) }
    #expect(
      PrometheusText.render(registry.snapshot()) == """
        # HELP h Help
        # TYPE h histogram
        h_bucket{le="1"} 2
        h_bucket{le="2"} 3
        h_bucket{le="+Inf"} 4
        h_sum 103
        h_count 4

        """)
  }

  @Test func `every method moves its metric`() throws {
    let metrics = ProxyMetrics(families: [.ipv4])
    metrics.syncEnded(.ipv4, took: .milliseconds(3), isFull: true)
    metrics.syncEnded(.ipv4, took: .milliseconds(1), isFull: false)
    metrics.syncQueued(.ipv4, at: WallTime(nanosecondsSince1970: 1_500_000_000))
    metrics.synced(.ipv4, at: WallTime(nanosecondsSince1970: 2_500_000_000))
    metrics.restoreFailed(.ipv4, isPartial: false)
    metrics.restoreFailed(.ipv4, isPartial: true)
    metrics.rules(.ipv4, .nat, written: 5, total: 125)
    metrics.noLocalEndpoints(.ipv4, external: 2, internal: 1)
    metrics.programmed(.ipv4, latency: .milliseconds(400))
    metrics.serviceChanges(3)
    metrics.endpointChanges(4)
    metrics.pending(services: 1, endpoints: 2)
    metrics.packets(invalidDropped: 7, localhostNodePortsAccepted: nil)
    metrics.reconciled(
      ReconcileResult(
        family: .ipv4, report: SweepReport(examined: 9, deleted: 6), duration: .milliseconds(20), error: nil))
    metrics.healthzAnswered(200)
    metrics.livezAnswered(503)
    let families = try parse(metrics.registry)
    func value(_ name: String, _ labels: [String: String] = ["ip_family": "IPv4"]) -> Double? {
      let family = families.values.first { $0.samples.contains { $0.name == "kubeproxy_" + name } }
      return family?.samples.first { $0.name == "kubeproxy_" + name && $0.labels == labels }?.value
    }
    #expect(value("sync_proxy_rules_duration_seconds_count") == 2)
    #expect(value("sync_full_proxy_rules_duration_seconds_sum") == 0.003)
    #expect(value("sync_partial_proxy_rules_duration_seconds_bucket", ["ip_family": "IPv4", "le": "0.001"]) == 1)
    #expect(value("sync_proxy_rules_last_queued_timestamp_seconds") == 1.5)
    #expect(value("sync_proxy_rules_last_timestamp_seconds") == 2.5)
    #expect(value("sync_proxy_rules_iptables_restore_failures_total") == 2)
    #expect(value("sync_proxy_rules_iptables_partial_restore_failures_total") == 1)
    #expect(value("sync_proxy_rules_iptables_last", ["ip_family": "IPv4", "table": "nat"]) == 5)
    #expect(value("sync_proxy_rules_iptables_total", ["ip_family": "IPv4", "table": "nat"]) == 125)
    let policy = ["external", "internal"].map { ["ip_family": "IPv4", "traffic_policy": $0] }
    #expect(policy.map { value("sync_proxy_rules_no_local_endpoints_total", $0) } == [2, 1])
    #expect(value("network_programming_duration_seconds_bucket", ["ip_family": "IPv4", "le": "0.5"]) == 1)
    #expect(value("sync_proxy_rules_service_changes_total", [:]) == 3)
    #expect(value("sync_proxy_rules_endpoint_changes_total", [:]) == 4)
    #expect(value("sync_proxy_rules_service_changes_pending", [:]) == 1)
    #expect(value("sync_proxy_rules_endpoint_changes_pending", [:]) == 2)
    #expect(value("iptables_ct_state_invalid_dropped_packets_total", [:]) == 7)
    #expect(value("iptables_localhost_nodeports_accepted_packets_total", [:]) == 0)
    #expect(value("conntrack_reconciler_deleted_entries_total") == 6)
    #expect(value("conntrack_reconciler_sync_duration_seconds_count") == 1)
    #expect(value("proxy_healthz_total", ["code": "200"]) == 1)
    #expect(value("proxy_livez_total", ["code": "503"]) == 1)
  }

  /// What kube-proxy 1.36 exports of its own in iptables mode: name, kind, label names, help.
  static let kubeProxy: [String: String] = [
    "conntrack_reconciler_deleted_entries_total":
      "counter ip_family Cumulative conntrack flows deleted by conntrack reconciler",
    "conntrack_reconciler_sync_duration_seconds":
      "histogram ip_family ReconcileConntrackFlowsLatency latency in seconds",
    "iptables_ct_state_invalid_dropped_packets_total":
      "counter - packets dropped by iptables to work around conntrack problems",
    "iptables_localhost_nodeports_accepted_packets_total":
      "counter - Number of packets accepted on nodeports of loopback interface",
    "network_programming_duration_seconds": "histogram ip_family In Cluster Network Programming Latency in seconds",
    "sync_full_proxy_rules_duration_seconds":
      "histogram ip_family SyncProxyRules latency in seconds for full resyncs",
    "sync_partial_proxy_rules_duration_seconds":
      "histogram ip_family SyncProxyRules latency in seconds for partial resyncs",
    "sync_proxy_rules_duration_seconds": "histogram ip_family SyncProxyRules latency in seconds",
    "sync_proxy_rules_endpoint_changes_pending": "gauge - Pending proxy rules Endpoint changes",
    "sync_proxy_rules_endpoint_changes_total": "counter - Cumulative proxy rules Endpoint changes",
    "sync_proxy_rules_iptables_partial_restore_failures_total":
      "counter ip_family Cumulative proxy iptables partial restore failures",
    "sync_proxy_rules_iptables_restore_failures_total":
      "counter ip_family Cumulative proxy iptables restore failures",
    "sync_proxy_rules_last_queued_timestamp_seconds":
      "gauge ip_family The last time a sync of proxy rules was queued",
    "sync_proxy_rules_last_timestamp_seconds":
      "gauge ip_family The last time proxy rules were successfully synced",
    "sync_proxy_rules_no_local_endpoints_total":
      "gauge ip_family,traffic_policy Number of services with a Local traffic policy and no endpoints",
    "sync_proxy_rules_service_changes_pending": "gauge - Pending proxy rules Service changes",
    "sync_proxy_rules_service_changes_total": "counter - Cumulative proxy rules Service changes",
  ]

  @Test func `names kinds labels and helps are kube-proxy's`() throws {
    let families = try parse(ProxyMetrics().registry)
    for (name, expected) in Self.kubeProxy {
      let family = try #require(families["kubeproxy_" + name], "\(name)")
      let labels = family.samples[0].labels.keys.filter { $0 != "le" }.sorted().joined(separator: ",")
      let help = family.help.replacing("[ALPHA] ", with: "")
      #expect("\(family.kind) \(labels.isEmpty ? "-" : labels) \(help)" == expected, "\(name)")
    }
  }

  @Test func `metrics that kube-proxy does not have`() throws {
    let metrics = ProxyMetrics(families: [.ipv4, .ipv6])
    metrics.version("1.2.3")
    metrics.chains(.ipv4, .nat, total: 55)
    metrics.changedBySomebodyElse(.ipv6)
    for error in [nil, ConntrackError(step: .delete, code: 12, cause: "Cannot allocate memory")] {
      metrics.reconciled(
        ReconcileResult(family: .ipv4, report: SweepReport(), duration: .milliseconds(1), error: error))
    }
    let families = try parse(metrics.registry)
    func values(_ name: String, _ label: String) -> [String: Double] {
      let samples = families["swiftkubeproxy_" + name]?.samples ?? []
      return Dictionary(uniqueKeysWithValues: samples.map { ($0.labels[label] ?? "", $0.value) })
    }
    #expect(values("build_info", "version") == ["1.2.3": 1])
    #expect(values("chains", "table") == ["nat": 55])
    #expect(values("foreign_changes_total", "ip_family") == ["IPv4": 0, "IPv6": 1])
    #expect(values("conntrack_reconciler_failures_total", "ip_family") == ["IPv4": 1, "IPv6": 0])
  }

  @Test func `buckets are kube-proxy's`() {
    #expect(
      ProxyMetricIDs.latencyBuckets.map(PrometheusText.number).joined(separator: " ")
        == "0.001 0.002 0.004 0.008 0.016 0.032 0.064 0.128 0.256 0.512 1.024 2.048 4.096 8.192 16.384")
    let programming = ProxyMetricIDs.programmingBuckets
    #expect(programming.prefix(5) == [0, 0.25, 0.5, 1, 2])
    #expect(programming[61...65] == [59, 60, 65, 70, 75])
    #expect(programming.suffix(8) == [115, 120, 150, 180, 210, 240, 270, 300])
  }

  @Test func `process metrics are read`() throws {
    let registry = MetricsRegistry()
    ProcessMetrics(registry).collect()
    let families = try parse(registry)
    func value(_ name: String) -> Double { families["process_" + name]?.samples.first?.value ?? -1 }
    #expect(value("cpu_seconds_total") > 0)
    #expect(value("resident_memory_bytes") > 1_000_000)
    #expect(value("virtual_memory_bytes") > value("resident_memory_bytes"))
    #expect(value("open_fds") >= 3)
    #expect(value("max_fds") >= value("open_fds"))
    #expect(value("virtual_memory_max_bytes") > 0)
    #expect(value("start_time_seconds") > 1_600_000_000)
    #expect(value("network_receive_bytes_total") >= 0)
    #expect(value("network_transmit_bytes_total") >= 0)
  }

  @Test func `a command name with parentheses is read past`() throws {
    let stat = "7 (a) b) c) S 1 7 7 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 4 0 1000 8192000 250 1844"
    let status = try #require(
      ProcessStatus(stat: stat, kernel: "cpu 1\nbtime 1700000000\n", ticksPerSecond: 100, pageSize: 4096))
    #expect(status.cpuSeconds == 2)
    #expect(status.virtualBytes == 8_192_000)
    #expect(status.residentBytes == 1_024_000)
    #expect(status.startTime == 1_700_000_010)
  }
}
