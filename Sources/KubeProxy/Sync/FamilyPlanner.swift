import Conntrack
import Planner
import ServiceModel
import Synchronization
import System

/// Plans the rules of one family on a thread of its own, so that planning delays neither events nor requests.
actor FamilyPlanner {
  private let family: IPFamily
  private let localAddresses: @Sendable () -> Set<IPAddress>
  private var plan: PlanState?
  /// The plan of the last full sync, until a later plan needs the state that it left.
  private var fullPlan: RememberedPlan?
  /// Whether to compare all clashes, not only those that the changes touched.
  private var comparesAllClashes = false
  /// The clashes that were reported last. The status page reads them while this actor plans.
  private let toldClashes = Mutex<[ClaimedAddress: AddressClash]>([:])
  private var flows: ServiceFlows
  private var flowsChanged = true
  private var healthChecks: SyncWork.HealthChecks?
  /// The plan's change counter when `healthChecks` were made; nil if they were made from another plan.
  private var healthCheckChanges: Int?

  private let executor: ThreadExecutor
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// - Parameters:
  ///   - flushTCP: whether the conntrack clean-up also looks at TCP flows.
  ///   - localAddresses: gives the host's own addresses. Called for each conntrack clean-up.
  init(_ family: IPFamily, flushTCP: Bool, localAddresses: @escaping @Sendable () -> Set<IPAddress>) {
    self.family = family
    self.localAddresses = localAddresses
    flows = ServiceFlows(family: family, flushTCP: flushTCP)
    executor = ThreadExecutor("plan \(family.rawValue)")
  }

  func returnSweep(_ sweep: ServiceFlows) {
    flows.adoptDeparted(of: sweep)
    flowsChanged = true
  }

  func repeatHealthChecks() { healthChecks = nil }

  /// The addresses that several Services claim, sorted by address, as the rules were last planned.
  nonisolated var clashes: [AddressClash] {
    toldClashes.withLock(\.self).values.sorted { $0.address < $1.address }
  }

  /// Plans what is due; nil if nothing is due. Only one task at a time may call this.
  func takeWork(of cluster: ClusterState) async -> SyncWork? {
    guard let due = await cluster.takeChanges(family, planned: plannedOptions) else { return nil }
    if due.fullReason == nil { adoptFullPlan() }
    noteFlows(due)
    if due.fullReason == nil, let change = plan?.update(due.services, in: due.snapshot) {
      return work(.partial(change), due)
    }
    if let reason = due.fullReason { return fullWork(due, due.snapshot, reason) }
    return fullWork(due, await cluster.snapshot, "the number of endpoints crossed the bound of a large cluster")
  }

  private func fullWork(_ due: ClusterState.DueChanges, _ snapshot: ClusterSnapshot, _ reason: String) -> SyncWork {
    // A packet in flight during the last change of the rules may have made a flow after the clean-up. So clean up
    // again.
    flowsChanged = true
    let full = RememberedPlan(options: due.options, snapshot: snapshot)
    plan = nil
    fullPlan = full
    comparesAllClashes = true
    return work(.full(full, reason: reason), due)
  }

  /// Takes the state that the last full sync left. If that sync ended before it had planned everything, this plans it.
  private func adoptFullPlan() {
    guard let full = fullPlan else { return }
    fullPlan = nil
    plan = full.takeState()
    healthCheckChanges = plan?.healthCheckChanges
  }

  /// The options of the last plan.
  private var plannedOptions: PlannerOptions? { fullPlan?.plan.options ?? plan?.options }

  private func work(_ rules: SyncWork.Rules, _ due: ClusterState.DueChanges) -> SyncWork {
    let sweep = flowsChanged ? takeSweep() : nil
    return SyncWork(
      rules: rules, services: due.services.count, sweep: sweep, healthChecks: changedHealthChecks(),
      triggerTimes: due.triggerTimes, lackingAfterChange: plan?.lacking ?? .init())
  }

  /// Compares all clashes after a full plan, and only the touched ones after a partial plan.
  func takeClashNews() -> ClashNews? {
    adoptFullPlan()
    let touched = plan?.takeChangedClashes()
    guard let plan else { return nil }
    defer { comparesAllClashes = false }
    return toldClashes.withLock { ClashNews(told: &$0, now: plan.clashes, at: comparesAllClashes ? nil : touched) }
  }

  private func takeSweep() -> ServiceFlows {
    flowsChanged = false
    let own = plannedOptions?.nodePortAddresses.addresses.map(Set.init) ?? localAddresses()
    flows.nodePortAddresses = own.filter { $0.family == family }
    return flows.takeSweep()
  }

  /// All health checks if they differ from those of the previous work. The list is built only when one has changed,
  /// because there may be thousands.
  private func changedHealthChecks() -> SyncWork.HealthChecks? {
    guard let options = plannedOptions else { return nil }
    let planned: [NamespacedName: HealthCheck]
    if let fullPlan {
      planned = fullPlan.plan.healthChecks
    } else {
      guard let plan else { return nil }
      if healthChecks != nil, plan.healthCheckChanges == healthCheckChanges { return nil }
      healthCheckChanges = plan.healthCheckChanges
      planned = plan.healthChecks
    }
    let services = planned.map {
      HealthCheckService(name: $0.key, port: $0.value.port, localEndpoints: $0.value.localEndpoints)
    }
    let checks = SyncWork.HealthChecks(
      services: services.sorted { $0.name < $1.name }, addresses: options.nodePortAddresses.addresses)
    defer { healthChecks = checks }
    return checks == healthChecks ? nil : checks
  }

  private func noteFlows(_ due: ClusterState.DueChanges) {
    for name in due.services {
      let slices = due.snapshot.slices(of: name, family: family)
      let isChanged = due.snapshot.services[name].map { flows.set($0, slices: slices) } ?? flows.remove(name)
      flowsChanged = isChanged || flowsChanged
    }
  }
}
