import APIServerFixture
import Foundation
import Lab
import ServiceModel
import Testing

/// A real Prometheus that scrapes the daemon and evaluates what manifests/monitoring has.
@Suite(.needsRoot, .timeLimit(.minutes(10)))
struct LiveMonitoringTests {
  private static let folder = Program.packageRoot.appending(path: "manifests/monitoring")

  /// An answer of Prometheus, as far as it is looked at here.
  private struct Answer: Decodable {
    struct Result: Decodable { let value: [Value] }
    struct Group: Decodable { let rules: [Rule] }
    struct Rule: Decodable {
      let name: String
      let health: String
    }
    struct Content: Decodable {
      let result: [Result]?
      let groups: [Group]?
    }
    /// A time, which is a number, or a value, which is text.
    enum Value: Decodable {
      case time, text(String)
      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) { self = .text(text) } else { self = .time }
      }
    }
    let status: String
    let error: String?
    let data: Content?
  }

  private static func ask(_ path: String, _ query: String? = nil, on live: LiveNode) async throws -> Answer? {
    var arguments = ["curl", "--silent", "--get", "http://127.0.0.1:9090/api/v1/\(path)"]
    if let query { arguments += ["--data-urlencode", "query=\(query)"] }
    let text = try await Command(arguments).result(in: live.node.namespace).output
    return try? JSONDecoder().decode(Answer.self, from: Data(text.utf8))
  }

  /// The dashboard's queries by panel, its variables filled in.
  private static func queries() throws -> [(panel: String, query: String)] {
    struct Target: Decodable { let expr: String }
    struct Panel: Decodable {
      let title: String
      let targets: [Target]?
    }
    struct Dashboard: Decodable { let panels: [Panel] }
    let data = try Data(contentsOf: folder.appending(path: "dashboard.json"))
    return try JSONDecoder().decode(Dashboard.self, from: data).panels.flatMap { panel in
      (panel.targets ?? []).map { target in
        let query = target.expr.replacing("$__rate_interval", with: "5m").replacing("$job", with: "kube-proxy")
        return (panel.title, query.replacing("$instance", with: ".+"))
      }
    }
  }

  private static func startPrometheus(_ live: LiveNode) async throws -> Daemon {
    let configuration = """
      global: {scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms}
      rule_files: ["\(folder.appending(path: "alerts.yaml").path)"]
      scrape_configs:
      - job_name: kube-proxy
        static_configs: [{targets: ["127.0.0.1:10249"], labels: {instance: kind-worker, node: kind-worker}}]
      - job_name: kube-proxy-shadow
        static_configs: [{targets: ["127.0.0.1:10349"], labels: {instance: kind-worker, node: kind-worker}}]

      """
    try live.folder.write(configuration, to: "prometheus.yaml")
    let program = Program.packageRoot.appending(path: ".build/prometheus/usr/bin/prometheus").path
    let daemon = try await Daemon.start(
      [
        program, "--config.file=\(live.folder.path)/prometheus.yaml", "--storage.tsdb.path=\(live.folder.path)/data",
        "--web.listen-address=127.0.0.1:9090",
      ], in: live.node.namespace)
    try await daemon.waitForLine("Prometheus is ready") { $0.contains("Server is ready to receive web requests") }
    return daemon
  }

  /// The slice of a Service with the time of its change, from which programming latency is counted.
  private static func applyWithTime(_ service: ServiceObject, to live: LiveNode) throws {
    let formatter = ISO8601DateFormatter()
    formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
    for object in service.objects {
      var json = try #require(try JSONSerialization.jsonObject(with: Data(object.text.utf8)) as? [String: Any])
      var metadata = json["metadata"] as? [String: Any] ?? [:]
      let key = "endpoints.kubernetes.io/last-change-trigger-time"
      if json["endpoints"] != nil { metadata["annotations"] = [key: formatter.string(from: Date())] }
      json["metadata"] = metadata
      try live.store.apply(json)
    }
  }

  @Test
  func `each panel of the dashboard shows data of a daemon at work, and each alert can be evaluated`() async throws {
    try await LiveNode.with { live in
      var web = live.service("web", 10, on: ["s1"])
      var dns = live.service("dns", 11, on: ["s1"])
      dns.ports = [.init("dns", .udp, 53, target: 5353)]
      try live.apply(web)
      try live.apply(dns)
      _ = try await live.startedProxy()
      _ = try await live.startProxy(["--shadow", "--shadow-delay", "1s"])
      let prometheus = try await Self.startPrometheus(live)
      try await eventually("a first scrape of both") {
        try await Self.ask("query", "up == 1", on: live)?.data?.result?.count == 2
      }
      // Something for each panel: a full sync that repairs what somebody else did, and changes.
      for family in IPFamily.allCases {
        try await Command([live.backend.iptables(family), "-w", "-t", "nat", "-F", "KUBE-SERVICES"])
          .run(in: live.node.namespace)
      }
      let queries = try Self.queries()
      #expect(queries.count > 30)
      var turn = 0
      for (panel, query) in queries {
        let answer = try await eventually("\(panel) shows data: \(query)") {
          turn += 1
          web.endpoints = [.init(live.lab.pod(turn.isMultiple(of: 2) ? "s1" : "s2"))]
          dns.endpoints = web.endpoints
          try Self.applyWithTime(web, to: live)
          try Self.applyWithTime(dns, to: live)
          // As the kubelet does, which counts as well.
          _ = try await live.health()
          return try await Self.ask("query", query, on: live)
        } is: {
          $0?.data?.result?.isEmpty == false || $0?.status == "error"
        }
        #expect(answer?.status == "success", "\(panel): \(answer?.error ?? "no answer")")
      }
      let alerts = try await eventually("all alerts were evaluated") {
        try await Self.ask("rules", on: live)?.data?.groups?.flatMap(\.rules) ?? []
      } is: {
        !$0.isEmpty && !$0.contains { $0.health == "unknown" }
      }
      #expect(alerts.filter { $0.health != "ok" }.map(\.name) == [])
      await prometheus.stop()
    }
  }
}
