import Conntrack
import IPTables
import Planner
import ServiceModel
import Time

/// What one sync of one family has to do.
package struct SyncWork: Sendable {
  package enum Rules: Sendable {
    case full(RememberedPlan, reason: String)
    case partial(RuleChange)
  }

  package let rules: Rules
  /// Number of Services whose changes the work contains.
  package let services: Int
  /// What the conntrack clean-up compares flows with after the sync; nil if no flow can have become stale.
  package let sweep: ServiceFlows?
  /// All Services that need a health check node port; nil if that has not changed.
  package let healthChecks: HealthChecks?
  /// `last-change-trigger-time`s of the EndpointSlices whose changes the work contains.
  package let triggerTimes: [WallTime]

  /// What health check node ports answer, and on which addresses.
  package struct HealthChecks: Sendable, Equatable {
    package let services: [HealthCheckService]
    /// nil: on all addresses.
    package let addresses: [IPAddress]?
  }

  /// For partial work: the Service ports that have no endpoint on this node because of the policy Local.
  let lackingAfterChange: PlanState.PortsWithoutLocalEndpoints

  /// Service ports that have no endpoint on this node because of the policy Local.
  package var lacking: PlanState.PortsWithoutLocalEndpoints {
    switch rules {
    case .full(let plan, _): plan.lacking
    case .partial: lackingAfterChange
    }
  }

  package var isPartial: Bool {
    if case .partial = rules { return true }
    return false
  }
}
