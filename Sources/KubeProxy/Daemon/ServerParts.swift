import Configuration
import HTTPServer
import Health
import KubernetesAPI
import Logging
import ServiceModel
import StatusPage

/// Makes the parts that answer HTTP requests.
struct ServerParts {
  let setup: DaemonSetup
  let server: HTTPServer
  let logger: Logger

  func healthz(at address: SocketAddress, _ health: HealthMonitor, _ metrics: ProxyMetrics) -> DaemonPart {
    part("healthz", address, HealthRoutes(health: health, metrics: metrics).router)
  }

  /// - Parameter collect: called before the metrics are written.
  func metrics(
    at address: SocketAddress, _ status: StatusSource, collect: @escaping @Sendable () async -> Void
  ) throws -> DaemonPart {
    let configuration = String(decoding: try setup.configuration.source.json(), as: UTF8.self)
    let routes = MetricsRoutes(
      registry: setup.registry, collect: collect, configuration: { configuration }, flags: { [setup] in setup.flags },
      status: StatusRoutes(snapshot: status.snapshot, explain: status.explain).handle)
    return part("metrics", address, routes.router)
  }

  private func part(_ name: String, _ address: SocketAddress, _ router: HTTPRouter) -> DaemonPart {
    HTTPService(
      name: name, server: server, address: ListenAddress(address),
      failsHard: setup.configuration.bindAddressHardFail, router: router, logger: logger
    ).part
  }
}
