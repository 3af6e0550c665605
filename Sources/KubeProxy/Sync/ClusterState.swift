import Conntrack
import Planner
import ServiceModel
import Watcher

/// The cluster as it is known, and for each family what its rules do not show yet.
///
/// Planning happens here, next to the snapshot, so that a change never copies it.
public actor ClusterState {
  /// Gives the options for a family under a given state of the cluster.
  public typealias OptionsSource = @Sendable (IPFamily, ClusterSnapshot) -> PlannerOptions

  private var store: SnapshotStore
  private var families: [IPFamily: FamilyState] = [:]
  private let start: Double
  private let options: OptionsSource
  private let localAddresses: @Sendable () -> Set<IPAddress>

  /// How many Services and EndpointSlices have changed since the rules were planned last.
  public struct PendingChanges: Sendable, Equatable {
    public var services = 0
    public var slices = 0

    public init(services: Int = 0, slices: Int = 0) {
      self.services = services
      self.slices = slices
    }
  }

  private struct FamilyState {
    var plan: PlanState?
    /// Why everything has to be planned; nil if changes alone do.
    var fullReason: String? = "start"
    var services: Set<NamespacedName> = []
    var pending = PendingChanges()
    var triggerTimes: [Double] = []
    var flows: ServiceFlows
    var flowsChanged = true
    var healthChecks: SyncWork.HealthChecks?
    /// What the plan counted when these were made; nil if it was another plan.
    var healthCheckChanges: Int?
  }

  /// - Parameters:
  ///   - start: since when changes are the proxy's to follow, in seconds since 1970.
  ///   - flushTCP: whether conntrack clean-up looks at TCP flows, too.
  ///   - awaitsServiceCIDRs: whether the cluster is complete only with its ServiceCIDRs.
  ///   - localAddresses: the host's own; asked when conntrack is to be cleaned.
  public init(
    families: [IPFamily], start: Double, flushTCP: Bool, awaitsServiceCIDRs: Bool = false,
    options: @escaping OptionsSource, localAddresses: @escaping @Sendable () -> Set<IPAddress>
  ) {
    store = SnapshotStore(awaitsServiceCIDRs: awaitsServiceCIDRs)
    self.start = start
    self.options = options
    self.localAddresses = localAddresses
    for family in families {
      self.families[family] = FamilyState(flows: ServiceFlows(family: family, flushTCP: flushTCP))
    }
  }

  /// What is known of the cluster.
  public var snapshot: ClusterSnapshot { store.snapshot }

  /// The options that the family would be planned with now.
  public func options(of family: IPFamily) -> PlannerOptions { options(family, store.snapshot) }

  /// Whether everything has been listed once.
  public var isComplete: Bool { store.isComplete }

  /// Takes events in. Returns what they changed.
  public func apply(_ events: [ClusterEvent]) -> SnapshotChange {
    let change = store.apply(events)
    for (family, change) in change.families {
      families[family]?.services.formUnion(change.services)
      families[family]?.pending.services += change.serviceChanges
      families[family]?.pending.slices += change.sliceChanges
      // Times before the start tell how old the cluster is, not how slow the proxy is.
      families[family]?.triggerTimes += change.triggerTimes.filter { $0 > start }
    }
    return change
  }

  /// Of the family that is furthest behind.
  public var pending: PendingChanges {
    families.values.map(\.pending).max { $0.services + $0.slices < $1.services + $1.slices } ?? PendingChanges()
  }

  /// Makes the next work of a family a full one.
  public func invalidate(_ family: IPFamily, reason: String) { families[family]?.fullReason = reason }

  /// Takes back what a failed sync left to be swept.
  public func returnSweep(_ sweep: ServiceFlows?, of family: IPFamily) {
    guard let sweep else { return }
    families[family]?.flows.adoptDeparted(of: sweep)
    families[family]?.flowsChanged = true
  }

  /// Makes the next work of a family carry its health checks again.
  public func repeatHealthChecks(_ family: IPFamily) { families[family]?.healthChecks = nil }

  /// What is due for a family; nil while the cluster is not completely known, or if nothing changed.
  public func takeWork(_ family: IPFamily) -> SyncWork? {
    guard store.isComplete, var state = families.removeValue(forKey: family) else { return nil }
    defer { families[family] = state }
    let options = options(family, store.snapshot)
    if let plan = state.plan, plan.options != options { state.fullReason = "node, host or service subnets changed" }
    noteFlows(&state)
    let services = state.services
    guard state.fullReason != nil || !services.isEmpty else { return nil }
    defer {
      state.fullReason = nil
      state.services = []
      state.pending = PendingChanges()
      state.triggerTimes = []
    }
    if state.fullReason == nil, let change = state.plan?.update(services, in: store.snapshot) {
      return work(.partial(change), &state)
    }
    // A packet that was under way when the rules changed can have left a flow that the sweep after them did not see.
    state.flowsChanged = true
    let reason = state.fullReason ?? "the number of endpoints crossed the bound of a large cluster"
    let plan = ClusterPlan(options: options, snapshot: store.snapshot)
    state.plan = PlanState(options: options, snapshot: store.snapshot)
    state.healthCheckChanges = nil
    return work(.full(plan, reason: reason), &state)
  }

  private func work(_ rules: SyncWork.Rules, _ state: inout FamilyState) -> SyncWork {
    let sweep = state.flowsChanged ? takeSweep(&state) : nil
    return SyncWork(
      rules: rules, services: state.services.count, sweep: sweep, healthChecks: changedHealthChecks(&state),
      lacking: state.plan?.lacking ?? .init(), triggerTimes: state.triggerTimes)
  }

  private func takeSweep(_ state: inout FamilyState) -> ServiceFlows {
    state.flowsChanged = false
    let own = state.plan?.options.nodePortAddresses.addresses.map(Set.init) ?? localAddresses()
    state.flows.nodePortAddresses = own.filter { $0.family == state.flows.family }
    return state.flows.takeSweep()
  }

  /// All health checks if they are not those of the work before. They are gone through only when one has changed, as
  /// there may be thousands.
  private func changedHealthChecks(_ state: inout FamilyState) -> SyncWork.HealthChecks? {
    guard let plan = state.plan else { return nil }
    if state.healthChecks != nil, plan.healthCheckChanges == state.healthCheckChanges { return nil }
    state.healthCheckChanges = plan.healthCheckChanges
    let services = plan.healthChecks.map {
      HealthCheckService(name: $0.key, port: $0.value.port, localEndpoints: $0.value.localEndpoints)
    }
    let checks = SyncWork.HealthChecks(
      services: services.sorted { $0.name < $1.name }, addresses: plan.options.nodePortAddresses.addresses)
    defer { state.healthChecks = checks }
    return checks == state.healthChecks ? nil : checks
  }

  private func noteFlows(_ state: inout FamilyState) {
    for name in state.services {
      let slices = store.snapshot.slices(of: name, family: state.flows.family)
      let isChanged =
        store.snapshot.services[name].map { state.flows.set($0, slices: slices) } ?? state.flows.remove(name)
      state.flowsChanged = isChanged || state.flowsChanged
    }
  }
}
