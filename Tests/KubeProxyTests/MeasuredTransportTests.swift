import Synchronization
import Testing
import Watcher

@testable import KubeProxy
@testable import Telemetry
@testable import Time

@Suite(.timeLimit(.minutes(5))) struct MeasuredTransportTests {
  private final class EmptyBody: HTTPBody {
    func read(into bytes: inout [UInt8]) async throws(HTTPError) -> Bool { false }
    func setIdleTimeout(_ timeout: Duration) {}
    func cancel() {}
  }

  private struct Transport: HTTPTransport {
    let refreshes: SharedCount

    func send(_ request: APIRequest) async throws(HTTPError) -> APIResponse {
      if request.target == "/down" { throw .noAnswer(after: .seconds(30)) }
      return APIResponse(status: request.method == .post ? 201 : 200, body: EmptyBody())
    }

    func refreshCredentials() async { refreshes.set(refreshes.value + 1) }
  }

  @Test func `requests are counted`() async throws {
    let registry = MetricsRegistry()
    let ticks = SharedCount(0)
    let refreshes = SharedCount(0)
    let transport = MeasuredTransport(
      Transport(refreshes: refreshes), metrics: RestClientMetrics(registry, host: "172.18.0.4:6443")
    ) {
      // Half a second passes between any two looks at the clock.
      ticks.set(ticks.value + 500_000_000)
      return Moment(wall: .epoch, ticks: Int64(ticks.value))
    }
    _ = try await transport.send(.init(target: "/api"))
    _ = try await transport.send(.init(method: .post, target: "/api"))
    await #expect(throws: HTTPError.noAnswer(after: .seconds(30))) {
      _ = try await transport.send(.init(target: "/down"))
    }
    await transport.refreshCredentials()
    #expect(refreshes.value == 1)
    let families = try PrometheusParser.parse(PrometheusText.render(registry.snapshot()))
    let requests = try #require(families["rest_client_requests_total"])
    let counts = requests.samples.map { "\($0.labels["code"]!) \($0.labels["method"]!) \($0.value)" }
    #expect(counts == ["200 GET 1.0", "201 POST 1.0", "<error> GET 1.0"])
    let latency = try #require(families["rest_client_request_duration_seconds"])
    #expect(latency.samples.filter { $0.name.hasSuffix("_sum") }.map(\.value) == [1, 0.5])
  }
}
