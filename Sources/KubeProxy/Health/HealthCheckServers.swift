import HTTPServer
import Health
import Logging
import ServiceModel
import Time
import Watcher

/// A Service that needs a health check node port.
package struct HealthCheckService: Hashable, Sendable {
  package let name: NamespacedName
  package let port: UInt16
  /// Number of ready endpoints on this node.
  package var localEndpoints: Int

  package init(name: NamespacedName, port: UInt16, localEndpoints: Int) {
    self.name = name
    self.port = port
    self.localEndpoints = localEndpoints
  }
}

/// The servers of one family's health check node ports. Load balancers ask them which nodes have endpoints.
package actor HealthCheckServers {
  private struct Running {
    let port: UInt16
    let hosts: [ListenAddress.Host]
    let listener: HTTPServer.Listener
    let count: SharedCount
  }

  private let family: IPFamily
  private let server: HTTPServer
  private let health: HealthMonitor
  private let node: String
  private let sendEvent: @Sendable (APIEvent) -> Void
  private let logger: Logger
  private var running: [NamespacedName: Running] = [:]
  /// Ports on which the proxy could not listen. Each failure is reported once and not at every sync.
  private var failed: [HealthCheckService.Key: Failure] = [:]

  /// Signalled when a port is added to `failed`.
  private let hasFailed = WakeSignal()
  /// Time between two attempts to listen on a port.
  static let retryInterval = Duration.seconds(5)

  private struct Failure {
    let service: HealthCheckService
    let hosts: [ListenAddress.Host]
    let error: ListenError
  }

  /// `node` is the own Node's name, for Events.
  package init(
    family: IPFamily, server: HTTPServer, health: HealthMonitor, node: String, logger: Logger,
    sendEvent: @escaping @Sendable (APIEvent) -> Void
  ) {
    self.family = family
    self.server = server
    self.health = health
    self.node = node
    self.sendEvent = sendEvent
    self.logger = logger
  }

  /// Serves these Services and no others. `addresses` are the addresses on which node ports are open; nil: all.
  ///
  /// If the proxy cannot listen on a port, it sends an Event. The next call, `retry` and `retryFailed` try the port
  /// again.
  package func update(services: [HealthCheckService], addresses: [IPAddress]? = nil) async {
    let hosts =
      addresses.map { $0.filter { $0.family == family }.sorted().map { ListenAddress.Host.address($0) } }
      ?? [.anyOf(family)]
    let wanted = Dictionary(services.map { ($0.name, $0) }) { first, _ in first }
    // `retry` may run while this waits for a listener to close. So it must not find a port that is no longer wanted.
    failed = failed.filter { wanted[$0.key.name]?.port == $0.key.port && $0.value.hosts == hosts }
    let outdated = running.filter { name, server in wanted[name]?.port != server.port || server.hosts != hosts }
    for name in outdated.keys { running[name] = nil }
    for server in outdated.values { await self.server.close(server.listener) }
    for service in wanted.values.sorted(by: { $0.name < $1.name }) {
      if let server = running[service.name] {
        server.count.set(service.localEndpoints)
      } else {
        start(service, hosts)
      }
    }
  }

  /// Tries the failed ports again. Called by syncs that change no health checks, because kube-proxy retries at every
  /// sync.
  package func retry() {
    for failure in failed.values.sorted(by: { $0.service.name < $1.service.name }) {
      start(failure.service, failure.hosts)
    }
  }

  /// Tries the failed ports again every few seconds until the task is cancelled, because nobody tells the proxy when a
  /// port becomes free.
  func retryFailed(clock: any MomentClock) async {
    while !Task.isCancelled {
      await hasFailed.wait(until: nil, clock: clock)
      await retryUntilServed(clock: clock)
    }
  }

  /// Returns when all ports are served, or when the task is cancelled.
  func retryUntilServed(clock: any MomentClock) async {
    while !failed.isEmpty, !Task.isCancelled {
      await clock.sleep(until: clock.now().advanced(by: HealthCheckServers.retryInterval))
      if !Task.isCancelled { retry() }
    }
  }

  /// The Services whose ports are served now.
  package var served: Set<NamespacedName> { Set(running.keys) }

  private func start(_ service: HealthCheckService, _ hosts: [ListenAddress.Host]) {
    let count = SharedCount(service.localEndpoints)
    let name = service.name
    let key = HealthCheckService.Key(name: name, port: service.port)
    do {
      let listener = try server.listen(on: hosts.map { ListenAddress($0, port: service.port) }) { [health] _ in
        HealthCheckAnswer(service: name, localEndpoints: count.value, isProxyHealthy: health.report.isHealthy).response
      }
      running[name] = Running(port: service.port, hosts: hosts, listener: listener, count: count)
      failed[key] = nil
    } catch {
      let failure = Failure(service: service, hosts: hosts, error: error)
      guard failed.updateValue(failure, forKey: key)?.error != error else { return }
      logger.error(
        "health check node port cannot be served; retrying every few seconds",
        metadata: ["service": "\(name)", "port": "\(service.port)", "error": "\(error)"])
      hasFailed.signal()
      sendEvent(.healthCheckFailed(node: node, service: name, port: service.port, cause: "\(error)"))
    }
  }
}

extension HealthCheckService {
  struct Key: Hashable {
    let name: NamespacedName
    let port: UInt16
  }
}
