import IPTables
import ServiceModel

/// The plan of one family, kept between syncs. The cost of an update depends on what changed, not on the size of the
/// cluster.
///
/// After any sequence of updates, the rules equal those that `ClusterPlan` makes from the same snapshot.
package struct PlanState {
  package let options: PlannerOptions
  private let planner: ServicePlanner
  private var records: [NamespacedName: Record] = [:]
  private var tables: [DispatchChain: DispatchTable] = [:]
  private var clashIndex = ClashIndex()
  private var endpointTotal = 0
  /// Numbers of service ports that their traffic policy leaves without an endpoint on this node, by kind of traffic.
  package private(set) var lacking = PortsWithoutLocalEndpoints()

  /// The addresses that two or more Services claim.
  package var clashes: [ClaimedAddress: AddressClash] { clashIndex.clashes }
  /// Addresses whose clash appeared, changed or ended since the last call.
  package mutating func takeChangedClashes() -> Set<ClaimedAddress> { clashIndex.takeChanged() }

  /// Services with a health-check node port in this family.
  package private(set) var healthChecks: [NamespacedName: HealthCheck] = [:]
  /// How many times an update changed one of the health checks.
  package private(set) var healthCheckChanges = 0

  /// What the state keeps of one Service: only what it needs to remove the Service's rules later.
  private struct Record {
    var chains: [ChainName] = []
    var dispatch: [DispatchEntry] = []
    var endpoints = 0
    var lacking = PortsWithoutLocalEndpoints()
    var healthCheck: HealthCheck?

    init() {}

    init(_ service: Service, slices: [EndpointSlice], plans: [ServicePortPlan], options: PlannerOptions) {
      for plan in plans {
        chains += plan.chains.lazy.map(\.name)
        dispatch += plan.dispatch
        endpoints += plan.endpointCount
        if plan.lacksLocalInternal { lacking.internal += 1 }
        if plan.lacksLocalExternal { lacking.external += 1 }
      }
      healthCheck = HealthCheck(of: service, slices: slices, options: options)
    }
  }

  /// Numbers of service ports without local endpoints.
  package struct PortsWithoutLocalEndpoints: Sendable, Equatable {
    package var `internal` = 0
    package var external = 0

    package init() {}
  }

  package init(options: PlannerOptions, snapshot: ClusterSnapshot) {
    self = RememberedPlan(options: options, snapshot: snapshot).takeState()
  }

  /// The empty state of a plan, which then adopts the plan's Services and tables.
  init(startOf plan: ClusterPlan) {
    options = plan.options
    planner = ServicePlanner(options: plan.options, isLargeCluster: plan.isLargeCluster)
  }

  mutating func adopt(_ service: Service, slices: [EndpointSlice], plans: [ServicePortPlan]) {
    adopt(Record(service, slices: slices, plans: plans, options: options), of: service.name)
  }

  mutating func adopt(_ table: DispatchTable) { tables[table.chain] = table }

  /// Searches all tables for clashes. The caller must adopt all tables first.
  mutating func findClashes() { clashIndex = ClashIndex(ClaimFinder(tables: tables, options: options)) }

  /// Plans these Services again.
  ///
  /// - Parameter services: all Services that changed, or whose slices changed, since the last update.
  /// - Returns: the chains that may have changed and those that are gone, each once. nil if everything must be planned
  ///   again, because the number of endpoints crossed the threshold at which their rules take another form.
  package mutating func update(_ services: Set<NamespacedName>, in snapshot: ClusterSnapshot) -> RuleChange? {
    var change = RuleChange()
    var old: [DispatchEntry] = []
    var new: [DispatchEntry] = []
    for service in services.sorted() {
      let planned = record(of: service, in: snapshot)
      let before = records[service] ?? Record()
      let kept = Set(planned.record.chains)
      change.chains += planned.chains
      change.removed += before.chains.filter { !kept.contains($0) }.map { ChainKey(.nat, $0) }
      old += before.dispatch
      new += planned.record.dispatch
      if before.healthCheck != planned.record.healthCheck { healthCheckChanges += 1 }
      discard(before, of: service)
      adopt(planned.record, of: service)
    }
    guard (endpointTotal > ServicePlanner.largeClusterThreshold) == planner.isLargeCluster else { return nil }
    let (oldByChain, newByChain) = (Dictionary(grouping: old, by: \.chain), Dictionary(grouping: new, by: \.chain))
    for chain in DispatchChain.allCases where oldByChain[chain] != nil || newByChain[chain] != nil {
      let dispatch = tables[chain]!.update(removing: oldByChain[chain] ?? [], inserting: newByChain[chain] ?? [])
      change.chains += dispatch.chains
      change.removed += dispatch.removed
    }
    clashIndex.update(removed: old, inserted: new, ClaimFinder(tables: tables, options: options))
    return change
  }

  private func record(of name: NamespacedName, in snapshot: ClusterSnapshot) -> (record: Record, chains: [Chain]) {
    guard let service = snapshot.services[name] else { return (Record(), []) }
    let slices = snapshot.slices(of: name, family: options.family)
    let plans = planner.plan(service, slices: slices)
    return (Record(service, slices: slices, plans: plans, options: options), plans.flatMap(\.chains))
  }

  private mutating func adopt(_ record: Record, of service: NamespacedName) {
    records[service] = record.endpoints == 0 && record.dispatch.isEmpty ? nil : record
    endpointTotal += record.endpoints
    lacking.internal += record.lacking.internal
    lacking.external += record.lacking.external
    if let check = record.healthCheck { healthChecks[service] = check }
  }

  private mutating func discard(_ record: Record, of service: NamespacedName) {
    endpointTotal -= record.endpoints
    lacking.internal -= record.lacking.internal
    lacking.external -= record.lacking.external
    if record.healthCheck != nil { healthChecks[service] = nil }
  }
}
