import IPTables
import ServiceModel
import Synchronization

/// The plan of a full sync. The first walk over its chains plans each Service once, and keeps the state that later
/// partial syncs need.
package final class RememberedPlan: RulePlan, Sendable {
  package let plan: ClusterPlan
  private let memory = Mutex(Memory.empty)

  private enum Memory: Sendable {
    case empty
    case filled(Handover)
    /// The state was taken. Only the numbers for reports are left.
    case taken(PlanState.PortsWithoutLocalEndpoints)
  }

  /// @unchecked: one thread makes a state and hands it to another. Only one thread uses it at a time.
  private struct Handover: @unchecked Sendable {
    let state: PlanState
  }

  package init(options: PlannerOptions, snapshot: ClusterSnapshot) {
    plan = ClusterPlan(options: options, snapshot: snapshot)
  }

  package var family: IPFamily { plan.family }
  package var jumps: [BuiltInJump] { plan.jumps }
  package var sharedChains: [ChainKey] { plan.sharedChains }
  package var leadingChains: [ChainKey] { plan.leadingChains }
  package var lingeringRules: [ChainKey: [Rule]] { plan.lingeringRules }

  /// The first complete walk fills the memory.
  package func forEachChain(_ body: (Chain) throws -> Void) rethrows {
    guard case .empty = memory.withLock({ $0 }) else { return try plan.forEachChain(body) }
    var state = PlanState(startOf: plan)
    try plan.forEachChain(body) { service, slices, plans in
      state.adopt(service, slices: slices, plans: plans)
    } dispatched: { table in
      state.adopt(table)
    }
    let handover = Handover(state: state)
    memory.withLock { memory in
      if case .empty = memory { memory = .filled(handover) }
    }
  }

  /// The state after this plan. It can be taken once. If nothing has walked over the plan's chains before, this call
  /// does.
  package func takeState() -> PlanState {
    fill()
    return memory.withLock { memory in
      guard case .filled(let handover) = memory else { preconditionFailure("the state of a plan was taken twice") }
      memory = .taken(handover.state.lacking)
      var state = handover.state
      state.findClashes()
      return state
    }
  }

  /// Numbers of service ports that a traffic policy leaves without an endpoint on this node.
  package var lacking: PlanState.PortsWithoutLocalEndpoints {
    fill()
    return memory.withLock { memory in
      switch memory {
      case .empty: PlanState.PortsWithoutLocalEndpoints()
      case .filled(let handover): handover.state.lacking
      case .taken(let lacking): lacking
      }
    }
  }

  private func fill() {
    if case .empty = memory.withLock({ $0 }) { forEachChain { _ in } }
  }
}
