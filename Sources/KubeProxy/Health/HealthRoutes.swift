import HTTPServer
import Health

/// The paths of the health port (`:10256`).
package struct HealthRoutes: Sendable {
  let health: HealthMonitor
  let metrics: ProxyMetrics

  package init(health: HealthMonitor, metrics: ProxyMetrics) {
    self.health = health
    self.metrics = metrics
  }

  package var router: HTTPRouter {
    var router = HTTPRouter()
    router.add("/healthz") { [health, metrics] _ in
      let answer = HealthAnswer.healthz(health.report)
      metrics.healthzAnswered(answer.status)
      return .json(answer.body, status: answer.status)
    }
    router.add("/livez") { [health, metrics] _ in
      let answer = HealthAnswer.livez(health.report)
      metrics.livezAnswered(answer.status)
      return .json(answer.body, status: answer.status)
    }
    return router
  }
}
