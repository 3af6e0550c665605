import Telemetry
import Time
import Watcher

/// The rest_client_* metrics of Kubernetes' API client, as the dashboards for kube-proxy use them.
package struct RestClientMetrics: Sendable {
  private let registry: MetricsRegistry
  private let requests: MetricID
  private let duration: MetricID
  /// Address of the API server, like `172.18.0.4:6443`.
  private let host: String

  package init(_ registry: MetricsRegistry, host: String) {
    self.registry = registry
    self.host = host
    requests = registry.declare(
      MetricDefinition(
        "rest_client_requests_total",
        "[ALPHA] Number of HTTP requests, partitioned by status code, method, and host.", .counter,
        labels: ["code", "host", "method"]))
    duration = registry.declare(
      MetricDefinition(
        "rest_client_request_duration_seconds", "[ALPHA] Request latency in seconds. Broken down by verb, and host.",
        .histogram, labels: ["host", "verb"], buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60]))
  }

  /// `code` is the status of the response; nil if there was no response.
  func answered(_ method: String, code: Int?, after latency: Duration) {
    registry.add(to: requests, [code.map(String.init) ?? "<error>", host, method])
    registry.observe(latency.inSeconds, in: duration, [host, method])
  }
}

/// A transport that counts the requests that it passes on. The latency is the time until the response begins.
package struct MeasuredTransport: HTTPTransport {
  private let base: any HTTPTransport
  private let metrics: RestClientMetrics
  private let clock: @Sendable () -> Moment

  package init(
    _ base: any HTTPTransport, metrics: RestClientMetrics, clock: @escaping @Sendable () -> Moment = Moment.now
  ) {
    self.base = base
    self.metrics = metrics
    self.clock = clock
  }

  package func send(_ request: APIRequest) async throws(HTTPError) -> APIResponse {
    let start = clock()
    do throws(HTTPError) {
      let response = try await base.send(request)
      metrics.answered(request.method.rawValue, code: response.status, after: start.duration(to: clock()))
      return response
    } catch {
      metrics.answered(request.method.rawValue, code: nil, after: start.duration(to: clock()))
      throw error
    }
  }

  package func refreshCredentials() async { await base.refreshCredentials() }
}
