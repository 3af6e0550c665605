import APIServerFixture
import Foundation
import Lab
import ServiceModel
import Testing

/// Metrics of syncs that really happened.
@Suite(.needsRoot, .timeLimit(.minutes(10)))
struct LiveMetricsTests {
  @Test
  func `network programming latency is measured from the trigger time to the rules, and syncs are counted by kind`()
    async throws
  {
    try await LiveNode.with { live in
      try live.apply(live.service("web", 10, on: ["s1"]))
      _ = try await live.startedProxy()
      #expect(try await live.metric("kubeproxy_sync_full_proxy_rules_duration_seconds_count{ip_family=\"IPv4\"}") == 1)
      let count = "kubeproxy_network_programming_duration_seconds_count{ip_family=\"IPv4\"}"
      let sum = "kubeproxy_network_programming_duration_seconds_sum{ip_family=\"IPv4\"}"
      #expect(try await live.metric(count) == 0)
      let web = live.service("web", 10, on: ["s1", "s2"])
      let slice = try #require(web.objects.first { $0.text.contains("10.10.0.4") }).text
      var object = try #require(try JSONSerialization.jsonObject(with: Data(slice.utf8)) as? [String: Any])
      var metadata = object["metadata"] as? [String: Any] ?? [:]
      let formatter = ISO8601DateFormatter()
      formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
      let trigger = Date()
      metadata["annotations"] = ["endpoints.kubernetes.io/last-change-trigger-time": formatter.string(from: trigger)]
      object["metadata"] = metadata
      try live.store.apply(object)
      try await eventually("its latency is there") { try await live.metric(count) == 1 }
      let latency = try #require(try await live.metric(sum))
      #expect(latency > 0 && latency <= Date().timeIntervalSince(trigger) + 0.001, "seconds since the trigger")
      let partial = "kubeproxy_sync_partial_proxy_rules_duration_seconds_count{ip_family=\"IPv4\"}"
      #expect(try await live.metric(partial) == 1)
      #expect(try await live.metric("kubeproxy_sync_proxy_rules_endpoint_changes_pending") == 0)
      let queued = try #require(
        try await live.metric("kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds{ip_family=\"IPv4\"}"))
      let synced = try #require(
        try await live.metric("kubeproxy_sync_proxy_rules_last_timestamp_seconds{ip_family=\"IPv4\"}"))
      #expect(queued <= synced && queued >= trigger.timeIntervalSince1970)
    }
  }
}
