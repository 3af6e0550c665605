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
  /// The time of the restored state that the rules follow; nil while they follow the source.
  package var stateTime: WallTime?
  package var families: [IPFamily: Family] = [:]

  /// Whether all families are healthy.
  package var isHealthy: Bool { families.values.allSatisfy(\.isHealthy) }

  /// The newest `lastUpdated` of all families.
  package var lastUpdated: WallTime? { families.values.compactMap(\.lastUpdated).max() }
}
