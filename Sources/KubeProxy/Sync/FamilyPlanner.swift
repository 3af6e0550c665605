import Conntrack
import Planner
import ServiceModel
import Synchronization
import System

/// Plans one family's rules, on a thread of its own. Meanwhile events are taken in, and everybody else is answered.
actor FamilyPlanner {
  private let family: IPFamily
  private let localAddresses: @Sendable () -> Set<IPAddress>
  private var plan: PlanState?
  /// The clashes that were told of last. The status page reads them while this actor plans.
  private let toldClashes = Mutex<[ClaimedAddress: AddressClash]>([:])
  private var flows: ServiceFlows
  private var flowsChanged = true
  private var healthChecks: SyncWork.HealthChecks?
  /// What the plan counted when these were made; nil if it was another plan.
  private var healthCheckChanges: Int?

  private let executor: ThreadExecutor
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// - Parameters:
  ///   - flushTCP: whether conntrack clean-up looks at TCP flows, too.
  ///   - localAddresses: the host's own; asked when conntrack is to be cleaned.
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

  /// The addresses that several Services claim, in order, as the rules were planned last.
  nonisolated var clashes: [AddressClash] {
    toldClashes.withLock(\.self).values.sorted { $0.address < $1.address }
  }

  /// Plans what is due; nil if nothing is. One task at a time may call this.
  func takeWork(of cluster: ClusterState) async -> SyncWork? {
    guard let due = await cluster.takeChanges(family, planned: plan?.options) else { return nil }
    noteFlows(due)
    if due.fullReason == nil, let change = plan?.update(due.services, in: due.snapshot) {
      return work(.partial(change), due)
    }
    if let reason = due.fullReason { return fullWork(due, due.snapshot, reason) }
    return fullWork(due, await cluster.snapshot, "the number of endpoints crossed the bound of a large cluster")
  }

  private func fullWork(_ due: ClusterState.DueChanges, _ snapshot: ClusterSnapshot, _ reason: String) -> SyncWork {
    // A packet that was under way when the rules changed can have left a flow that the sweep after them did not see.
    flowsChanged = true
    plan = PlanState(options: due.options, snapshot: snapshot)
    healthCheckChanges = nil
    return work(.full(ClusterPlan(options: due.options, snapshot: snapshot), reason: reason), due)
  }

  private func work(_ rules: SyncWork.Rules, _ due: ClusterState.DueChanges) -> SyncWork {
    let sweep = flowsChanged ? takeSweep() : nil
    return SyncWork(
      rules: rules, services: due.services.count, sweep: sweep, healthChecks: changedHealthChecks(),
      lacking: plan?.lacking ?? .init(), clashes: clashNews(rules), triggerTimes: due.triggerTimes)
  }

  /// After a full plan all clashes are compared, after a partial one those that it touched.
  private func clashNews(_ rules: SyncWork.Rules) -> ClashNews? {
    let touched = plan?.takeChangedClashes()
    guard let plan else { return nil }
    return toldClashes.withLock { told in
      switch rules {
      case .full: ClashNews(told: &told, now: plan.clashes, at: nil)
      case .partial: ClashNews(told: &told, now: plan.clashes, at: touched)
      }
    }
  }

  private func takeSweep() -> ServiceFlows {
    flowsChanged = false
    let own = plan?.options.nodePortAddresses.addresses.map(Set.init) ?? localAddresses()
    flows.nodePortAddresses = own.filter { $0.family == family }
    return flows.takeSweep()
  }

  /// All health checks if they are not those of the work before. They are gone through only when one has changed, as
  /// there may be thousands.
  private func changedHealthChecks() -> SyncWork.HealthChecks? {
    guard let plan else { return nil }
    if healthChecks != nil, plan.healthCheckChanges == healthCheckChanges { return nil }
    healthCheckChanges = plan.healthCheckChanges
    let services = plan.healthChecks.map {
      HealthCheckService(name: $0.key, port: $0.value.port, localEndpoints: $0.value.localEndpoints)
    }
    let checks = SyncWork.HealthChecks(
      services: services.sorted { $0.name < $1.name }, addresses: plan.options.nodePortAddresses.addresses)
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
