import IPTables
import ServiceModel

/// The rules of one family for a whole cluster. Each walk over the chains computes them from the snapshot again.
package struct ClusterPlan: RulePlan {
  package let options: PlannerOptions
  package let snapshot: ClusterSnapshot
  private let planner: ServicePlanner

  package var isLargeCluster: Bool { planner.isLargeCluster }
  /// Whether endpoints get one rule each, instead of a chain.
  package var isCompact: Bool { planner.isCompact }

  package init(options: PlannerOptions, snapshot: ClusterSnapshot) {
    self.options = options
    self.snapshot = snapshot
    planner = ServicePlanner(
      options: options, isLargeCluster: ServicePlanner.isLarge(snapshot, family: options.family))
  }

  package var family: IPFamily { options.family }
  package var jumps: [BuiltInJump] { BuiltInJumps.all }
  package var sharedChains: [ChainKey] { base.sharedChains }
  /// The hairpin rule must be in the kernel before any chain that relies on it replaces an old one.
  package var leadingChains: [ChainKey] { isCompact ? [ChainKey(.nat, .kubePostrouting)] : [] }
  /// A hairpin that a compact rule translated has no mark. On another processor it can be on its way to
  /// KUBE-POSTROUTING while the rules change.
  package var lingeringRules: [ChainKey: [Rule]] {
    isCompact ? [:] : [ChainKey(.nat, .kubePostrouting): [base.hairpin]]
  }

  private var base: BaseRules { BaseRules(options: options, isCompact: isCompact) }

  /// The plans of all service ports, ordered by cluster IP and in each Service's own order of ports.
  package func forEachServicePort(_ body: (ServicePortPlan) throws -> Void) rethrows {
    try forEachService { _, _, plans in
      for plan in plans { try body(plan) }
    }
  }

  /// The Services of the family, ordered by cluster IP, each with its slices and the plans of its ports.
  ///
  /// Dispatch chains have the same order. Whenever a rule is added, the kernel walks all chains in the order of the
  /// dispatch rules. Chains that were written together lie close together in memory, which makes this walk faster.
  func forEachService(_ body: (Service, [EndpointSlice], [ServicePortPlan]) throws -> Void) rethrows {
    let services = snapshot.services.values.compactMap { service in
      service.clusterIPs.first { $0.family == family }.map { (address: $0, service: service) }
    }
    let ordered = services.sorted { left, right in
      left.address == right.address ? left.service.name < right.service.name : left.address < right.address
    }
    for (_, service) in ordered {
      let slices = snapshot.slices(of: service.name, family: family)
      try body(service, slices, planner.plan(service, slices: slices))
    }
  }

  package func forEachChain(_ body: (Chain) throws -> Void) rethrows {
    try forEachChain(body, planned: { _, _, _ in }, dispatched: { _ in })
  }

  /// - Parameters:
  ///   - planned: receives each Service's plans.
  ///   - dispatched: receives the table of each dispatch chain.
  func forEachChain(
    _ body: (Chain) throws -> Void, planned: (Service, [EndpointSlice], [ServicePortPlan]) -> Void,
    dispatched: (DispatchTable) -> Void
  ) rethrows {
    for chain in base.chains { try body(chain) }
    var entries: [DispatchChain: [DispatchEntry]] = [:]
    try forEachService { service, slices, plans in
      for plan in plans {
        for entry in plan.dispatch { entries[entry.chain, default: []].append(entry) }
        for chain in plan.chains { try body(chain) }
      }
      planned(service, slices, plans)
    }
    for dispatch in DispatchChain.allCases {
      let table = DispatchTable(dispatch, options: options, entries: entries.removeValue(forKey: dispatch) ?? [])
      for chain in table.chains { try body(chain) }
      dispatched(table)
    }
  }
}
