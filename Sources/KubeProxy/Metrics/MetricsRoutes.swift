import HTTP
import HTTPServer
import StatusPage
import Telemetry

/// The paths of the metrics port (`:10249`).
package struct MetricsRoutes: Sendable {
  package let router: HTTPRouter

  /// - Parameters:
  ///   - collect: called before the metrics are written. Updates the values that have to be read for each request.
  ///   - configuration: the configuration in force as JSON, the value of `kubeproxy.config.k8s.io`.
  ///   - flags: the values of the flags by name.
  package init(
    registry: MetricsRegistry, collect: @escaping @Sendable () async -> Void = {},
    configuration: @escaping @Sendable () -> String, flags: @escaping @Sendable () -> [String: String],
    status: @escaping HTTPServer.Handler
  ) {
    var router = HTTPRouter()
    let process = ProcessMetrics(registry)
    router.add("/healthz") { _ in .text("ok") }
    router.add("/proxyMode") { _ in .text("iptables") }
    router.add("/metrics") { _ in
      await collect()
      process.collect()
      return HTTPResponse(
        headers: [
          .contentType: PrometheusText.contentType, "Process-Start-Time-Unix": "\(Int(process.startTime))",
        ], body: Array(PrometheusText.render(registry.snapshot()).utf8))
    }
    router.add("/configz") { _ in .json("{\"kubeproxy.config.k8s.io\":\(configuration())}") }
    router.add("/flagz") { _ in
      let lines = flags().sorted { $0.key < $1.key }.map { "\($0.key) \(PlainText.line($0.value))\n" }
      return .text("\nkube-proxy flagz\n\(StatusText.warning)\n" + lines.joined(), isSniffable: true)
    }
    router.add("/statusz", status)
    self.router = router
  }
}
