import Logging
import Planner
import ServiceModel
import Synchronization
import Watcher

/// Warns of each health check node port that is also used for something else: once, and again when the clash changes.
package final class HealthPortWarnings: Sendable {
  private struct State {
    var index = HealthPortIndex()
    var told: [NamespacedName: HealthPortClash] = [:]
  }

  private let state = Mutex(State())
  private let logger: Logger

  package init(logger: Logger) { self.logger = logger }

  func check(_ events: [ClusterEvent]) {
    for event in events {
      switch event {
      case .setService(let service): change { $0.set(service) }
      case .removeService(let name): change { $0.remove(name) }
      case .replaceServices(let services): replace(services)
      default: continue
      }
    }
  }

  /// Replaces all Services.
  package func replace(_ services: [Service]) {
    change { index in
      var touched = index.services
      index = HealthPortIndex()
      for service in services { touched.formUnion(index.set(service)) }
      return touched
    }
  }

  private func change(_ body: (inout HealthPortIndex) -> Set<NamespacedName>) {
    let news = state.withLock { state -> [HealthPortClash] in
      var news: [HealthPortClash] = []
      for name in body(&state.index).sorted() {
        let clash = state.index.clash(of: name)
        if let clash, clash != state.told[name] { news.append(clash) }
        state.told[name] = clash
      }
      return news
    }
    for clash in news {
      logger.warning(
        "health-check node port is used twice; load balancers cannot learn the Service's health",
        metadata: ["service": "\(clash.service)", "port": "\(clash.port)", "clash": "\(clash)"])
    }
  }
}
