import Doubles
import Glibc
import Logging
import ServiceModel
import Synchronization
import Testing
import Watcher

@testable import HTTPServer
@testable import Health
@testable import KubeProxy

@Suite(.timeLimit(.minutes(5))) struct HealthCheckServersTests {
  private static let local = NamespacedName(namespace: "lab", name: "local")!
  private static let other = NamespacedName(namespace: "lab", name: "other")!
  private static let loopback2 = IPAddress("127.0.0.2")!

  private final class Fixture: Sendable {
    let server: HTTPServer
    let health = HealthMonitor(syncPeriod: .seconds(30))
    let servers: HealthCheckServers
    let log = LogCollector()
    /// Ports that nobody else gets while this fixture lives.
    private let reserved: [ReservedPort]
    var port: UInt16 { reserved[0].number }
    var otherPort: UInt16 { reserved[1].number }
    private let sent = SentEvents()
    var events: [APIEvent] { sent.events }

    init() throws {
      server = try HTTPServer()
      reserved = [try ReservedPort(), try ReservedPort()]
      servers = HealthCheckServers(
        family: .ipv4, server: server, health: health, node: "kind-worker", logger: log.logger,
        sendEvent: sent.add)
    }
  }

  private final class SentEvents: Sendable {
    private let state = Mutex<[APIEvent]>([])
    var events: [APIEvent] { state.withLock { $0 } }
    func add(_ event: APIEvent) { state.withLock { $0.append(event) } }
  }

  private func body(_ answer: String) -> String {
    answer.split(separator: "\r\n\r\n", maxSplits: 1).last.map(String.init) ?? ""
  }

  @Test func `answers are kube-proxy's`() async throws {
    let fixture = try Fixture()
    let port = fixture.port
    await fixture.servers.update(services: [HealthCheckService(name: Self.local, port: port, localEndpoints: 1)])
    let answer = await TestClient.get("/whatever", port: port)
    #expect(
      answer.hasPrefix("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Content-Type-Options: nosniff\r\n"))
    #expect(answer.contains("\r\nX-Load-Balancing-Endpoint-Weight: 1\r\nDate: "))
    #expect(answer.contains("\r\nContent-Length: 112\r\n"))
    #expect(
      body(answer) == "{\n\t\"service\": {\n\t\t\"namespace\": \"lab\",\n\t\t\"name\": \"local\"\n\t},\n"
        + "\t\"localEndpoints\": 1,\n\t\"serviceProxyHealthy\": true\n}")

    await fixture.servers.update(services: [HealthCheckService(name: Self.local, port: port, localEndpoints: 0)])
    let none = await TestClient.get("/", port: port)
    #expect(none.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
    #expect(none.contains("\r\nX-Load-Balancing-Endpoint-Weight: 0\r\n"))
  }

  @Test func `the health check of a stuck proxy fails`() {
    for (endpoints, isHealthy, status) in [(2, true, 200), (2, false, 503), (0, true, 503), (0, false, 503)] {
      let answer = HealthCheckAnswer(service: Self.local, localEndpoints: endpoints, isProxyHealthy: isHealthy)
      #expect(answer.response.status == status)
      #expect(String(decoding: answer.response.body, as: UTF8.self).contains("\"serviceProxyHealthy\": \(isHealthy)"))
    }
  }

  @Test func `a server ends with its Service`() async throws {
    let fixture = try Fixture()
    let port = fixture.port
    await fixture.servers.update(services: [HealthCheckService(name: Self.local, port: port, localEndpoints: 1)])
    await fixture.servers.update(services: [HealthCheckService(name: Self.other, port: port, localEndpoints: 1)])
    #expect(body(await TestClient.get("/", port: port)).contains("\"name\": \"other\""))
    #expect(await fixture.servers.served == [Self.other])
    await fixture.servers.update(services: [])
    #expect(await TestClient.get("/", port: port) == "no connection: \(ECONNREFUSED)")
    #expect(fixture.events.isEmpty)
  }

  @Test func `only node port addresses are served`() async throws {
    let fixture = try Fixture()
    let port = fixture.port
    let service = HealthCheckService(name: Self.local, port: port, localEndpoints: 1)
    await fixture.servers.update(services: [service], addresses: [Self.loopback2, IPAddress("::1")!])
    #expect(await TestClient.get("/", port: port, host: 0x7f00_0002).hasPrefix("HTTP/1.1 200"))
    #expect(await TestClient.get("/", port: port) == "no connection: \(ECONNREFUSED)")
    await fixture.servers.update(services: [service])
    #expect(await TestClient.get("/", port: port).hasPrefix("HTTP/1.1 200"), "now on all addresses")
    #expect(fixture.log.entries.isEmpty)
  }

  @Test func `a port that is taken is reported once and tried again`() async throws {
    let fixture = try Fixture()
    let port = fixture.port
    let taken = try fixture.server.listen(on: [ListenAddress(.anyOf(.ipv4), port: port)]) { _ in .text("mine") }
    let services = [HealthCheckService(name: Self.local, port: port, localEndpoints: 1)]
    await fixture.servers.update(services: services)
    await fixture.servers.update(services: services)
    #expect(await fixture.servers.served.isEmpty)
    #expect(
      fixture.events == [
        APIEvent(
          kind: .warning, reason: "FailedToStartServiceHealthcheck", action: "Listen",
          note: "node kind-worker failed to start healthcheck \"lab/local\" on port \(port): "
            + "listen tcp 0.0.0.0:\(port): bind: address already in use",
          regarding: APIEvent.Regarding(kind: "Service", namespace: "lab", name: "local", uid: "lab/local"))
      ])
    #expect(fixture.log.entries.map(\.level) == [.error])
    await fixture.servers.retry()
    #expect(fixture.events.count == 1)
    await fixture.server.close(taken)
    await fixture.servers.retry()
    #expect(await TestClient.get("/", port: port).hasPrefix("HTTP/1.1 200"), "no other change is needed for that")
  }

  @Test func `a port that is free again is served without any change`() async throws {
    let fixture = try Fixture()
    let port = fixture.port
    let taken = try fixture.server.listen(on: [ListenAddress(.anyOf(.ipv4), port: port)]) { _ in .text("mine") }
    await fixture.servers.update(services: [HealthCheckService(name: Self.local, port: port, localEndpoints: 1)])
    let clock = SkippingClock { number in
      if number == 3 { await fixture.server.close(taken) }
    }
    await fixture.servers.retryUntilServed(clock: clock)
    #expect(await fixture.servers.served == [Self.local])
    #expect(await TestClient.get("/", port: port).hasPrefix("HTTP/1.1 200"))
    #expect(clock.pauses == Array(repeating: .seconds(5), count: 3))
    #expect(fixture.log.entries.filter { $0.level == .error }.count == 1, "told once")
  }

  @Test func `clashes with node ports are reported once`() throws {
    func service(_ name: NamespacedName, health: UInt16?, nodePort: UInt16?) -> Service {
      let port = ServicePortName(service: name, port: "p", transport: .tcp)!
      var service = Service(
        name: name, type: .loadBalancer, clusterIPs: [IPAddress("10.96.0.1")!],
        ports: [Service.Port(name: port, port: 80, nodePort: nodePort)])
      service.healthCheckNodePort = health
      return service
    }
    let log = LogCollector()
    let warnings = HealthPortWarnings(logger: log.logger)
    let clash = service(Self.other, health: nil, nodePort: 30999)
    warnings.check([.replaceServices([service(Self.local, health: 30999, nodePort: 30001)])])
    #expect(log.entries.isEmpty)
    warnings.check([.setService(clash)])
    warnings.check([.setService(clash)])
    warnings.check([.removeService(Self.other), .setService(clash)])
    #expect(log.entries.map(\.level) == [.warning, .warning], "again after it was gone")
    #expect(log.entries[0].metadata["clash"]?.description.contains("lab/other:p") == true)
  }

  @Test func `a retry while other listeners are being closed serves no Service that is gone`() async throws {
    let fixture = try Fixture()
    let (port, other) = (fixture.port, fixture.otherPort)
    let taken = try fixture.server.listen(on: [ListenAddress(.anyOf(.ipv4), port: port)]) { _ in .text("mine") }
    await fixture.servers.update(services: [
      HealthCheckService(name: Self.local, port: port, localEndpoints: 1),
      HealthCheckService(name: Self.other, port: other, localEndpoints: 1),
    ])
    #expect(await fixture.servers.served == [Self.other])
    await fixture.server.close(taken)
    // The update waits for the server's thread, which closes the listener. Meanwhile the actor does the retry.
    async let update: Void = fixture.servers.update(services: [])
    async let retry: Void = fixture.servers.retry()
    _ = await (update, retry)
    await fixture.servers.update(services: [])
    #expect(await fixture.servers.served.isEmpty)
    #expect(await TestClient.get("/", port: port) == "no connection: \(ECONNREFUSED)")
  }

  @Test func `a Service that is gone is not tried again`() async throws {
    let fixture = try Fixture()
    let port = fixture.port
    let taken = try fixture.server.listen(on: [ListenAddress(.anyOf(.ipv4), port: port)]) { _ in .text("mine") }
    await fixture.servers.update(services: [HealthCheckService(name: Self.local, port: port, localEndpoints: 1)])
    await fixture.servers.update(services: [])
    await fixture.server.close(taken)
    await fixture.servers.retry()
    #expect(await fixture.servers.served.isEmpty)
  }
}
