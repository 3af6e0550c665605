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
  /// Number of Services whose changes the work contains.
  public let services: Int
  /// What the conntrack clean-up compares flows with after the sync; nil if no flow can have become stale.
  public let sweep: ServiceFlows?
  /// All Services that need a health check node port; nil if that has not changed.
  public let healthChecks: HealthChecks?
  /// `last-change-trigger-time`s of the EndpointSlices whose changes the work contains, in seconds since 1970.
  public let triggerTimes: [Double]

  /// What health check node ports answer, and on which addresses.
  public struct HealthChecks: Sendable, Equatable {
    public let services: [HealthCheckService]
    /// nil: on all addresses.
    public let addresses: [IPAddress]?
  }

  /// For partial work: the Service ports that have no endpoint on this node because of the policy Local.
  let lackingAfterChange: PlanState.PortsWithoutLocalEndpoints

  /// Service ports that have no endpoint on this node because of the policy Local.
  public var lacking: PlanState.PortsWithoutLocalEndpoints {
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
