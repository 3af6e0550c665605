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

  /// The plans of all service ports, ordered by cluster IP and in each Service's own order of ports.
  ///
  /// Dispatch chains have that order too. The kernel goes through all chains in theirs whenever a rule is added, and
  /// finds those that were written together close together in memory.
  public func forEachServicePort(_ body: (ServicePortPlan) throws -> Void) rethrows {
    let services = snapshot.services.values.compactMap { service in
      service.clusterIPs.first { $0.family == family }.map { (address: $0, service: service) }
    }
    let ordered = services.sorted { left, right in
      left.address == right.address ? left.service.name < right.service.name : left.address < right.address
    }
    for (_, service) in ordered {
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
