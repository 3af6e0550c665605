import ServiceModel

/// What a health check node port answers: kube-proxy's JSON, indented with tabs as load balancers have always seen it.
struct HealthCheckAnswer: Sendable {
  let service: NamespacedName
  let localEndpoints: Int
  /// Whether the rules are up to date (KEP-3836); a proxy that is stuck should get no new traffic.
  let isProxyHealthy: Bool

  var response: HTTPResponse {
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
      extra: [HTTPResponse.Header("X-Load-Balancing-Endpoint-Weight", "\(localEndpoints)")])
  }
}
