import Fixtures
import Foundation
import IPTables
import ServiceModel
import Testing

@testable import HTTPServer
@testable import Health
@testable import KubeProxy
@testable import StatusPage
@testable import Telemetry
@testable import Time

/// Compares with answers of the real kube-proxy.
@Suite(.timeLimit(.minutes(5))) struct CaptureTests {
  private func head(_ response: HTTPResponse) -> [String] {
    let text = String(decoding: response.serialized(at: .epoch), as: UTF8.self)
    return Captures.head(text.replacing("\r\n", with: "\n"))
  }

  private static let health = HealthMonitor(syncPeriod: .seconds(30))

  @Test(arguments: [
    ("healthz-port-not-found.txt", "/nothing", false), ("healthz.txt", "/healthz", false),
    ("livez.txt", "/livez", false), ("not-found.txt", "/nothing", true), ("proxyMode.txt", "/proxyMode", true),
    ("metrics-port-healthz.txt", "/healthz", true), ("configz.txt", "/configz", true), ("flagz.txt", "/flagz", true),
    ("statusz.txt", "/statusz", true),
  ])
  func `heads are the same`(_ file: String, _ path: String, _ isMetricsPort: Bool) async throws {
    let metrics = ProxyMetrics()
    let status = StatusRoutes { StatusFixture.snapshot() }
    let routes = MetricsRoutes(
      registry: metrics.registry, configuration: { "{}" }, flags: { [:] }, status: status.handle)
    let router = isMetricsPort ? routes.router : HealthRoutes(health: Self.health, metrics: metrics).router
    let response = await router.handle(HTTPRequest(path: path))
    #expect(head(response) == Captures.head(try Captures.text(file)))
  }

  @Test(arguments: [("health-check-node-port-200.txt", 1), ("health-check-node-port-503.txt", 0)])
  func `health check answers are the same`(_ file: String, _ endpoints: Int) throws {
    let answer = HealthCheckAnswer(
      service: NamespacedName(namespace: "lab", name: "local")!, localEndpoints: endpoints, isProxyHealthy: true)
    let capture = try Captures.text(file)
    #expect(head(answer.response) == Captures.head(capture))
    #expect(capture.hasSuffix("\n\n" + String(decoding: answer.response.body, as: UTF8.self)))
  }

  @Test(arguments: ["healthz.txt", "healthz-tainted-node.txt", "livez.txt", "livez-tainted-node.txt"])
  func `health bodies are the same`(_ file: String) throws {
    let capture = try Captures.text(file)
    let body = String(capture.split(separator: "\n\n", maxSplits: 1)[1])
    let read = try JSONDecoder().decode(CapturedHealth.self, from: Data(body.utf8))
    var report = HealthReport(currentTime: time(read.currentTime), isNodeEligible: read.nodeEligible ?? true)
    for (family, state) in read.status {
      report.families[IPFamily(rawValue: family)!] = .init(
        lastUpdated: time(state.lastUpdated), isHealthy: state.healthy)
    }
    let answer = read.nodeEligible == nil ? HealthAnswer.livez(report) : .healthz(report)
    #expect(capture.hasPrefix("HTTP/1.1 \(answer.status) "))
    // kube-proxy reads the clock twice in a good answer: lastUpdated is a few microseconds after currentTime.
    let written = body.replacing(
      "{\"lastUpdated\":\"\(read.lastUpdated)\"",
      with: "{\"lastUpdated\":\"\(answer.status == 200 ? read.currentTime : read.lastUpdated)\"")
    #expect(answer.body == written)
  }

  @Test func `every metric of kube-proxy is there`() throws {
    let metrics = ProxyMetrics()
    metrics.rules(.ipv4, .nat, written: 1, total: 1)
    metrics.healthzAnswered(200)
    metrics.livezAnswered(200)
    let ours = Set(PrometheusText.render(metrics.registry.snapshot()).split(separator: "\n").map(Captures.withoutValue))
    let theirs = try Captures.text("metrics.txt").split(separator: "\n").filter { $0.contains("kubeproxy_") }
      .filter { !$0.contains("table=\"filter\"") && !$0.contains("IPv6\",table") }.map(Captures.withoutValue)
    #expect(theirs.count > 120)
    #expect(theirs.filter { !ours.contains($0) } == [])
  }

  private struct CapturedHealth: Decodable {
    struct Family: Decodable {
      let lastUpdated: String
      let healthy: Bool
    }
    let lastUpdated, currentTime: String
    let nodeEligible: Bool?
    let status: [String: Family]
  }

  private func time(_ text: String) -> WallTime {
    let parts = text.dropLast().split(separator: ".")
    let seconds = try! Date("\(parts[0])Z", strategy: .iso8601).timeIntervalSince1970
    let fraction = parts.count > 1 ? parts[1] + String(repeating: "0", count: 9 - parts[1].count) : "0"
    return WallTime(nanosecondsSince1970: Int64(seconds) * 1_000_000_000 + Int64(fraction)!)
  }
}

private enum Captures {
  static func text(_ file: String) throws -> String {
    try String(contentsOf: Fixtures.kubeProxy.appending(path: "http/\(file)"), encoding: .utf8)
      .replacing("\r\n", with: "\n")
  }

  /// Status line and headers, without the values of those that differ each time.
  static func head(_ answer: String) -> [String] {
    answer.split(separator: "\n", omittingEmptySubsequences: false).prefix { !$0.isEmpty }.map {
      line in
      for changing in ["Date: ", "Content-Length: "] where line.hasPrefix(changing) { return changing }
      return String(line)
    }
  }

  static func withoutValue(_ line: Substring) -> String {
    line.hasPrefix("#") ? String(line) : line.split(separator: " ").dropLast().joined(separator: " ")
  }
}
