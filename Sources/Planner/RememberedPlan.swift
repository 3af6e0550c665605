import IPTables
import ServiceModel
import Synchronization

/// The plan of a full sync: whoever goes through its chains has each Service planned once, and what the partial syncs
/// after it need is kept on the way.
public final class RememberedPlan: RulePlan, Sendable {
  public let plan: ClusterPlan
  private let memory = Mutex(Memory.empty)

  private enum Memory: Sendable {
    case empty
    case filled(Handover)
    /// Given away; what reports want to know of it is left.
    case taken(PlanState.Lacking)
  }

  /// @unchecked: a state is handed from the thread that makes it to the one that keeps it, and used by one at a time.
  private struct Handover: @unchecked Sendable {
    let state: PlanState
  }

  public init(options: PlannerOptions, snapshot: ClusterSnapshot) {
    plan = ClusterPlan(options: options, snapshot: snapshot)
  }

  public var family: IPFamily { plan.family }
  public var jumps: [BuiltInJump] { plan.jumps }
  public var sharedChains: [ChainKey] { plan.sharedChains }
  public var leadingChains: [ChainKey] { plan.leadingChains }

  /// The first complete run fills the memory.
  public func forEachChain(_ body: (Chain) throws -> Void) rethrows {
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

  /// The state after this plan; can be taken once. Where nobody has gone through the plan yet, that is done now.
  public func takeState() -> PlanState {
    fill()
    return memory.withLock { memory in
      guard case .filled(let handover) = memory else { preconditionFailure("the state of a plan was taken twice") }
      memory = .taken(handover.state.lacking)
      var state = handover.state
      state.findClashes()
      return state
    }
  }

  /// Service ports that traffic policies leave without an endpoint here.
  public var lacking: PlanState.Lacking {
    fill()
    return memory.withLock { memory in
      switch memory {
      case .empty: PlanState.Lacking()
      case .filled(let handover): handover.state.lacking
      case .taken(let lacking): lacking
      }
    }
  }

  private func fill() {
    if case .empty = memory.withLock({ $0 }) { forEachChain { _ in } }
  }
}
