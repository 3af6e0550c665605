import ServiceModel
import Time

/// The state of health at one moment, as `/healthz`, `/livez` and health check node ports report it.
public struct HealthReport: Sendable, Equatable {
  public struct Family: Sendable, Equatable {
    /// nil before the first sync.
    public var lastUpdated: WallTime?
    public var isHealthy: Bool
  }

  public var currentTime: WallTime
  public var isNodeEligible: Bool
  /// Of when the restored state is that the rules go by; nil while they go by what the source tells.
  public var stateTime: WallTime?
  public var families: [IPFamily: Family] = [:]

  /// Whether all families are healthy.
  public var isHealthy: Bool { families.values.allSatisfy(\.isHealthy) }

  /// The newest `lastUpdated` of all families.
  public var lastUpdated: WallTime? { families.values.compactMap(\.lastUpdated).max() }
}
