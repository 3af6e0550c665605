import Conntrack
import IPTables
import Planner
import ServiceModel

/// What one sync of one family has to do.
public struct SyncWork: Sendable {
  public enum Rules: Sendable {
    case full(RememberedPlan, reason: String)
    case partial(RuleChange)
  }

  public let rules: Rules
  /// Services whose changes it carries.
  public let services: Int
  /// What conntrack clean-up goes by afterwards; nil where no flow can have become stale.
  public let sweep: ServiceFlows?
  /// All Services whose health-check node ports are to be served; nil if that has not changed.
  public let healthChecks: HealthChecks?
  /// `last-change-trigger-time`s of the slices whose changes it carries, in seconds since 1970.
  public let triggerTimes: [Double]

  /// What health-check node ports have to tell, and on which addresses.
  public struct HealthChecks: Sendable, Equatable {
    public let services: [HealthCheckService]
    /// nil: on all.
    public let addresses: [IPAddress]?
  }

  /// Service ports that policy Local leaves without an endpoint here, where a change tells.
  let lackingAfterChange: PlanState.Lacking

  /// Service ports that policy Local leaves without an endpoint here.
  public var lacking: PlanState.Lacking {
    switch rules {
    case .full(let plan, _): plan.lacking
    case .partial: lackingAfterChange
    }
  }

  public var isPartial: Bool {
    if case .partial = rules { return true }
    return false
  }
}
