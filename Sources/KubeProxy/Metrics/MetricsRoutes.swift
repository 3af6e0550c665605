import HTTP
import HTTPServer
import StatusPage
import Telemetry

/// The paths of the metrics port (`:10249`).
package struct MetricsRoutes: Sendable {
  let registry: MetricsRegistry
  /// Called before the metrics are written. Updates the values that have to be read for each request.
  let collect: @Sendable () async -> Void
  /// The configuration in force as JSON, the value of `kubeproxy.config.k8s.io`.
  let configuration: @Sendable () -> String
  /// The values of the flags by name.
  let flags: @Sendable () -> [String: String]
  let status: HTTPServer.Handler

  package init(
    registry: MetricsRegistry, collect: @escaping @Sendable () async -> Void = {},
    configuration: @escaping @Sendable () -> String, flags: @escaping @Sendable () -> [String: String],
    status: @escaping HTTPServer.Handler
  ) {
    self.registry = registry
    self.collect = collect
    self.configuration = configuration
    self.flags = flags
    self.status = status
  }

  package var router: HTTPRouter {
    var router = HTTPRouter()
    let process = ProcessMetrics(registry)
    router.add("/healthz") { _ in .text("ok") }
    router.add("/proxyMode") { _ in .text("iptables") }
    router.add("/metrics") { [registry, collect] _ in
      await collect()
      process.collect()
      return HTTPResponse(
        headers: [
          .contentType: PrometheusText.contentType, "Process-Start-Time-Unix": "\(Int(process.startTime))",
        ], body: Array(PrometheusText.render(registry.snapshot()).utf8))
    }
    router.add("/configz") { [configuration] _ in .json("{\"kubeproxy.config.k8s.io\":\(configuration())}") }
    router.add("/flagz") { [flags] _ in
      let lines = flags().sorted { $0.key < $1.key }.map { "\($0.key) \(PlainText.line($0.value))\n" }
      return .text("\nkube-proxy flagz\n\(StatusText.warning)\n" + lines.joined(), isSniffable: true)
    }
    router.add("/statusz", status)
    return router
  }
}
