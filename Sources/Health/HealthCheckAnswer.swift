import HTTP
import HTTPServer
import ServiceModel

/// The response of a health check node port: the same bytes as kube-proxy's, which are JSON indented with tabs. Load
/// balancers may depend on them.
package struct HealthCheckAnswer: Sendable {
  let service: NamespacedName
  let localEndpoints: Int
  /// Whether the rules are up to date (KEP-3836). A proxy whose rules are out of date should get no new traffic.
  let isProxyHealthy: Bool

  package init(service: NamespacedName, localEndpoints: Int, isProxyHealthy: Bool) {
    self.service = service
    self.localEndpoints = localEndpoints
    self.isProxyHealthy = isProxyHealthy
  }

  package var response: HTTPResponse {
    let body = """
      {
      \t"service": {
      \t\t"namespace": "\(service.namespace)",
      \t\t"name": "\(service.name)"
      \t},
      \t"localEndpoints": \(localEndpoints),
      \t"serviceProxyHealthy": \(isProxyHealthy)
      }
      """
    return .json(
      body, status: localEndpoints > 0 && isProxyHealthy ? 200 : 503,
      extra: ["X-Load-Balancing-Endpoint-Weight": "\(localEndpoints)"])
  }
}
