import IPTables
import ServiceModel

/// The rules of one family for a whole cluster, made anew from the snapshot whenever they are asked for.
public struct ClusterPlan: RulePlan {
  public let options: PlannerOptions
  public let snapshot: ClusterSnapshot
  private let planner: ServicePlanner

  var isLargeCluster: Bool { planner.isLargeCluster }

  public init(options: PlannerOptions, snapshot: ClusterSnapshot) {
    self.options = options
    self.snapshot = snapshot
    let count = snapshot.services.values.reduce(0) { sum, service in
      let slices = snapshot.slices(of: service.name, family: options.family)
      return sum + ServicePlanner.endpointCount(of: service, slices: slices, family: options.family)
    }
    planner = ServicePlanner(options: options, isLargeCluster: count > ServicePlanner.largeClusterThreshold)
  }

  public var family: IPFamily { options.family }
  public var jumps: [BuiltInJump] { BuiltInJumps.all }
  public var sharedChains: [ChainKey] { BaseRules(options: options).sharedChains }

  /// The plans of all service ports, ordered by Service and in each Service's own order of ports.
  public func forEachServicePort(_ body: (ServicePortPlan) throws -> Void) rethrows {
    for service in snapshot.services.values.sorted(by: { $0.name < $1.name }) {
      let slices = snapshot.slices(of: service.name, family: family)
      for plan in planner.plan(service, slices: slices) { try body(plan) }
    }
  }

  public func forEachChain(_ body: (Chain) throws -> Void) rethrows {
    for chain in BaseRules(options: options).chains { try body(chain) }
    var entries: [DispatchEntry] = []
    try forEachServicePort { plan in
      entries += plan.dispatch
      for chain in plan.chains { try body(chain) }
    }
    let grouped = Dictionary(grouping: entries, by: \.chain)
    for dispatch in DispatchChain.allCases {
      let table = DispatchTable(dispatch, options: options, entries: grouped[dispatch] ?? [])
      for chain in table.chains { try body(chain) }
    }
  }
}
