import ServiceModel
import Time

/// The state of health at one moment, as `/healthz`, `/livez` and health check node ports report it.
package struct HealthReport: Sendable, Equatable {
  package struct Family: Sendable, Equatable {
    /// nil before the first sync.
    package var lastUpdated: WallTime?
    package var isHealthy: Bool
  }

  package var currentTime: WallTime
  package var isNodeEligible: Bool
  /// Of when the restored state is that the rules go by; nil while they go by what the source tells.
  package var stateTime: WallTime?
  package var families: [IPFamily: Family] = [:]

  /// Whether all families are healthy.
  package var isHealthy: Bool { families.values.allSatisfy(\.isHealthy) }

  /// The newest `lastUpdated` of all families.
  package var lastUpdated: WallTime? { families.values.compactMap(\.lastUpdated).max() }
}
