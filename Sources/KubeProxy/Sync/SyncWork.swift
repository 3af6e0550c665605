import Conntrack
import IPTables
import Planner
import ServiceModel

/// What one sync of one family has to do.
public struct SyncWork: Sendable {
  public enum Rules: Sendable {
    case full(ClusterPlan, reason: String)
    case partial(RuleChange)
  }

  public let rules: Rules
  /// Services whose changes it carries.
  public let services: Int
  /// What conntrack clean-up goes by afterwards; nil where no flow can have become stale.
  public let sweep: ServiceFlows?
  /// Service ports that policy Local leaves without an endpoint here.
  public let lacking: PlanState.Lacking
  /// `last-change-trigger-time`s of the slices whose changes it carries, in seconds since 1970.
  public let triggerTimes: [Double]

  public var isPartial: Bool {
    if case .partial = rules { return true }
    return false
  }
}
