import Doubles
import Glibc
import Logging
import ServiceModel
import System
import Testing

@testable import HTTPServer
@testable import Health
@testable import KubeProxy
@testable import StatusPage
@testable import Telemetry
@testable import Time

@Suite(.timeLimit(.minutes(5))) struct HTTPServerTests {
  private static let localhost = IPAddress("127.0.0.1")!
  private static let now = Moment(wall: WallTime(nanosecondsSince1970: 1_795_223_280_098_829_917), ticks: 1)

  private func server(_ limits: HTTPLimits = HTTPLimits()) throws -> HTTPServer {
    try HTTPServer(limits: limits, clock: Moment.now)
  }

  private func listen(_ server: HTTPServer, _ router: HTTPRouter) throws -> HTTPServer.Listener {
    try server.listen(on: [ListenAddress(.address(Self.localhost), port: 0)], handler: router.handle)
  }

  /// The answer without its Date header, whose value is the current time.
  private func withoutDate(_ answer: String) -> String {
    answer.split(separator: "\r\n", omittingEmptySubsequences: false).filter { !$0.hasPrefix("Date: ") }
      .joined(separator: "\n")
  }

  @Test func `health answers are kube-proxy's`() async throws {
    let health = HealthMonitor(syncPeriod: .seconds(30)) { Self.now }
    health.updated(.ipv4)
    health.updated(.ipv6)
    let metrics = ProxyMetrics()
    let server = try server()
    let listener = try listen(server, HealthRoutes(health: health, metrics: metrics).router)
    let head = "Content-Type: application/json\nX-Content-Type-Options: nosniff\n"
    let time = "2026-11-21T01:08:00.098829917Z"
    let families =
      #""status":{"IPv4":{"lastUpdated":"\#(time)","healthy":true},"IPv6":{"lastUpdated":"\#(time)","healthy":true}}}"#
    let healthz =
      #"{"lastUpdated":"\#(time)","currentTime":"\#(time)","nodeEligible":true,"healthy":true,"# + families
    let livez = #"{"lastUpdated":"\#(time)","currentTime":"\#(time)","healthy":true,"# + families
    #expect(
      withoutDate(await TestClient.get("/healthz", port: listener.ports[0]))
        == "HTTP/1.1 200 OK\n\(head)Content-Length: 283\nConnection: close\n\n\(healthz)")
    #expect(
      withoutDate(await TestClient.get("/livez", port: listener.ports[0]))
        == "HTTP/1.1 200 OK\n\(head)Content-Length: 263\nConnection: close\n\n\(livez)")
    health.setNode(nil)
    #expect(await TestClient.get("/healthz", port: listener.ports[0]).hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
    #expect(
      withoutDate(await TestClient.get("/", port: listener.ports[0]))
        == "HTTP/1.1 404 Not Found\nContent-Type: text/plain; charset=utf-8\nX-Content-Type-Options: nosniff\n"
        + "Content-Length: 19\nConnection: close\n\n404 page not found\n")
    #expect(metrics.registry.value(metrics.ids.healthz, ["200"]) == 1)
    #expect(metrics.registry.value(metrics.ids.healthz, ["503"]) == 1)
    #expect(metrics.registry.value(metrics.ids.livez, ["200"]) == 1)
  }

  struct Page: Sendable, CustomTestStringConvertible {
    let path: String
    let head: String
    let body: String
    var testDescription: String { path }
  }

  private static let plain = "Content-Type: text/plain; charset=utf-8\nX-Content-Type-Options: nosniff\n"

  @Test(arguments: [
    Page(path: "/healthz", head: plain, body: "ok"),
    Page(path: "/proxyMode", head: plain, body: "iptables"),
    Page(
      path: "/configz", head: "Content-Type: application/json\nX-Content-Type-Options: nosniff\n",
      body: #"{"kubeproxy.config.k8s.io":{"mode":"iptables"}}"#),
    Page(
      path: "/flagz", head: "Content-Type: text/plain; charset=utf-8\n",
      body: "\nkube-proxy flagz\n\(StatusText.warning)\nmaster \nv 2\\nx\n"),
    Page(path: "/statusz", head: plain, body: "status"),
  ])
  func `metrics port pages`(_ page: Page) async throws {
    let routes = MetricsRoutes(
      registry: MetricsRegistry(), configuration: { #"{"mode":"iptables"}"# }, flags: { ["v": "2\nx", "master": ""] },
      status: { _ in .text("status") })
    let server = try server()
    let listener = try listen(server, routes.router)
    #expect(
      withoutDate(await TestClient.get(page.path, port: listener.ports[0]))
        == "HTTP/1.1 200 OK\n\(page.head)Content-Length: \(page.body.utf8.count)\nConnection: close\n\n\(page.body)")
  }

  @Test func `metrics are collected when asked for`() async throws {
    let metrics = ProxyMetrics()
    let routes = MetricsRoutes(
      registry: metrics.registry, collect: { metrics.packets(invalidDropped: 5, localhostNodePortsAccepted: 6) },
      configuration: { "" }, flags: { [:] }, status: { _ in .notFound })
    let server = try server()
    let listener = try listen(server, routes.router)
    let answer = await TestClient.get("/metrics", port: listener.ports[0])
    #expect(answer.contains("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8; escaping=underscores\r\n"))
    #expect(answer.contains("\r\nProcess-Start-Time-Unix: "))
    let body = try #require(answer.split(separator: "\r\n\r\n", maxSplits: 1).last)
    let families = try PrometheusParser.parse(String(body))
    #expect(families["kubeproxy_iptables_ct_state_invalid_dropped_packets_total"]?.samples.map(\.value) == [5])
    #expect(families["process_open_fds"]?.kind == "gauge")
  }

  @Test func `a client that is slow is cut off`() async throws {
    var limits = HTTPLimits()
    limits.headTime = .milliseconds(20)
    let server = try server(limits)
    let listener = try listen(server, HTTPRouter())
    #expect(await TestClient.exchange("GET / HTTP/1.1\r\nHost:", port: listener.ports[0]) == "")
  }

  /// Clients that keep connections open cannot stop others from asking for the node's health.
  @Test func `connections to one listener are limited`() async throws {
    var limits = HTTPLimits()
    limits.connections = 2
    let server = try server(limits)
    var router = HTTPRouter()
    router.add("/") { _ in .text("ok") }
    let limited = try listen(server, router)
    let other = try listen(server, router)
    let port = limited.ports[0]
    let (third, others): (String, [Int]) = try await OwnThread.run("clients") {
      let open = (0..<2).map { _ in TestClient.connect(port: port)! }
      defer { for file in open { close(file) } }
      // An answer shows that the server has accepted the connection.
      for file in open { TestClient.ask(file) }
      guard let file = TestClient.connect(port: port) else { return ("refused", []) }
      defer { close(file) }
      // The server has closed the connection that was silent for longest. The other one stays open.
      return (TestClient.askLast(file), open.map { recv($0, nil, 0, Int32(MSG_DONTWAIT)) })
    }
    #expect(third.hasSuffix("ok"))
    #expect(others == [0, -1])
    #expect(await TestClient.get("/", port: other.ports[0]).hasSuffix("ok"), "others are not concerned")
    #expect(await TestClient.get("/", port: port).hasSuffix("ok"), "the two are gone")
  }

  @Test func `clients that do not read their answers make room`() async throws {
    var limits = HTTPLimits()
    limits.connections = 2
    let server = try server(limits)
    var router = HTTPRouter()
    router.add("/") { _ in .text("ok") }
    // More than the kernel takes for a client that does not read.
    router.add("/large") { _ in .text(String(repeating: "x", count: 32 << 20)) }
    let port = try listen(server, router).ports[0]
    let answer: String = try await OwnThread.run("clients") {
      let open = (0..<2).map { _ in TestClient.connect(port: port)! }
      defer { for file in open { close(file) } }
      // The begin of the answer shows that the server is sending it.
      for file in open { TestClient.ask(file, "/large") }
      guard let file = TestClient.connect(port: port) else { return "refused" }
      defer { close(file) }
      return TestClient.askLast(file)
    }
    #expect(answer.hasSuffix("ok"))
  }

  @Test func `connections to all listeners are limited`() async throws {
    var limits = HTTPLimits()
    limits.allConnections = 1
    let server = try server(limits)
    var router = HTTPRouter()
    router.add("/") { _ in .text("ok") }
    let ports = try (0..<2).map { _ in try listen(server, router).ports[0] }
    let (second, first): (String, Int) = try await OwnThread.run("clients") {
      guard let held = TestClient.connect(port: ports[0]) else { return ("refused", -2) }
      defer { close(held) }
      // An answer shows that the server has accepted the connection.
      TestClient.ask(held)
      guard let other = TestClient.connect(port: ports[1]) else { return ("refused", -2) }
      defer { close(other) }
      var rest: UInt8 = 0
      return (TestClient.askLast(other), recv(held, &rest, 1, 0))
    }
    #expect(second.hasSuffix("ok"))
    #expect(first == 0)
  }

  @Test func `a closed listener frees its port`() async throws {
    let server = try server()
    let first = try listen(server, HTTPRouter())
    await server.close(first)
    let again = ListenAddress(.address(Self.localhost), port: first.ports[0])
    let second = try server.listen(on: [again], handler: HTTPRouter().handle)
    #expect(second.ports == first.ports)
    #expect(throws: ListenError.self) { try server.listen(on: [again], handler: HTTPRouter().handle) }
  }

  @Test func `one socket takes both families`() async throws {
    let server = try server()
    var router = HTTPRouter()
    router.add("/") { _ in .text("ok") }
    let listener = try server.listen(on: [ListenAddress(.any, port: 0)], handler: router.handle)
    #expect(await TestClient.get("/", port: listener.ports[0]).hasSuffix("ok"))
  }

  @Test func `a taken address ends the daemon only if bind errors are fatal`() async throws {
    let server = try server()
    let first = try listen(server, HTTPRouter())
    let address = ListenAddress(.address(Self.localhost), port: first.ports[0])
    let (log, clock) = (LogCollector(), SteppedClock())
    func service(failsHard: Bool) -> HTTPService {
      HTTPService(
        name: "healthz", server: server, address: address, failsHard: failsHard, router: HTTPRouter(),
        clock: clock, logger: log.logger)
    }
    let failure = await #expect(throws: ListenError.self) { try await service(failsHard: true).run() }
    #expect(
      failure?.description == "listen tcp 127.0.0.1:\(first.ports[0]): bind: address already in use")
    let running = Task { try await service(failsHard: false).run() }
    #expect(await log.next(where: { $0.level == .error })?.message == "cannot serve HTTP; retrying")
    await clock.waitForSleeper()
    await server.close(first)
    clock.advance(5)
    #expect(await log.next(where: { $0.level == .debug })?.message == "serving")
    #expect(await TestClient.get("/", port: first.ports[0]).hasPrefix("HTTP/1.1 404"))
    running.cancel()
    _ = await running.result
    #expect(await TestClient.get("/", port: first.ports[0]) == "no connection: \(ECONNREFUSED)")
  }
}
