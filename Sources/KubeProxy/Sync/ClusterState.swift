import Conntrack
import Planner
import ServiceModel
import System
import Time
import Watcher

/// The known state of the cluster, and for each family the changes that are not in the rules yet.
///
/// Takes events at any time. Planning takes long, so each family has a ``FamilyPlanner``, which takes the changes from
/// here.
package actor ClusterState {
  /// Gives the planner's options for a family in the given state of the cluster.
  package typealias OptionsSource = @Sendable (IPFamily, ClusterSnapshot) -> PlannerOptions

  private var store: SnapshotStore
  private var families: [IPFamily: FamilyChanges] = [:]
  private var node: OwnNode
  private let start: WallTime
  private let options: OptionsSource

  /// How many Services and EndpointSlices have changed since the rules were last planned.
  package struct PendingChanges: Sendable, Equatable {
    package var services = 0
    package var slices = 0

    package init(services: Int = 0, slices: Int = 0) {
      self.services = services
      self.slices = slices
    }
  }

  private struct FamilyChanges {
    /// Why everything has to be planned; nil if it is enough to plan the changed Services.
    var fullReason: String? = "start"
    var services: Set<NamespacedName> = []
    var pending = PendingChanges()
    /// At most `mostTriggerTimes`. Without the Node's pod CIDRs the first plan may have to wait for hours.
    private(set) var triggerTimes: [WallTime] = []

    mutating func remember(_ times: [WallTime]) {
      triggerTimes += times.prefix(max(0, ClusterState.mostTriggerTimes - triggerTimes.count))
    }
  }

  /// How many times of changes a family keeps for the metric of the programming latency until its next sync.
  static let mostTriggerTimes = 10_000

  private let planners: [IPFamily: FamilyPlanner]
  private let executor = ThreadExecutor("cluster state")
  package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// - Parameters:
  ///   - start: when the proxy started. Earlier trigger times are ignored.
  ///   - flushTCP: whether the conntrack clean-up also looks at TCP flows.
  ///   - awaitsServiceCIDRs: whether the cluster is complete only when its ServiceCIDRs are known.
  ///   - node: the Node that the rules depend on, and whether they wait for its pod CIDRs.
  ///   - localAddresses: gives the host's own addresses. Called for each conntrack clean-up.
  package init(
    families: [IPFamily], start: WallTime, flushTCP: Bool, node: OwnNode = OwnNode(), awaitsServiceCIDRs: Bool = false,
    options: @escaping OptionsSource, localAddresses: @escaping @Sendable () -> Set<IPAddress>
  ) {
    store = SnapshotStore(awaitsServiceCIDRs: awaitsServiceCIDRs)
    self.start = start
    self.node = node
    self.options = options
    self.families = Dictionary(uniqueKeysWithValues: families.map { ($0, FamilyChanges()) })
    planners = Dictionary(
      uniqueKeysWithValues: families.map {
        ($0, FamilyPlanner($0, flushTCP: flushTCP, localAddresses: localAddresses))
      })
  }

  /// The known state of the cluster.
  package var snapshot: ClusterSnapshot { store.snapshot }

  /// The options that the family would be planned with now.
  package func options(of family: IPFamily) -> PlannerOptions { options(family, node.view(of: store.snapshot)) }

  /// The addresses that several Services claim, by family, sorted by address, as the rules were last planned.
  package nonisolated var clashes: [IPFamily: [AddressClash]] { planners.mapValues(\.clashes) }

  /// Whether every kind of object has been listed once.
  package var isListed: Bool { store.isComplete }

  /// Whether enough is known to write rules.
  package var isComplete: Bool { (isListed || store.hasStandIn) && node.isReady }

  /// Takes events. Returns what they changed.
  package func apply(_ events: [ClusterEvent]) -> SnapshotChange {
    let change = store.apply(events)
    // While the rules use the restored state, they use its Node too. The API server's objects replace both together.
    if !store.hasStandIn { node.note(events) }
    if change.standIn != nil { node.note(Array(store.snapshot.nodes.values)) }
    for (family, change) in change.families {
      families[family]?.services.formUnion(change.services)
      families[family]?.pending.services += change.serviceChanges
      families[family]?.pending.slices += change.sliceChanges
      // Earlier times show the age of the cluster's objects, not how slow the proxy is.
      families[family]?.remember(change.triggerTimes.filter { $0 > start })
    }
    return change
  }

  /// The pending changes of the family that has the most.
  package var pending: PendingChanges {
    families.values.map(\.pending).max { $0.services + $0.slices < $1.services + $1.slices } ?? PendingChanges()
  }

  /// The next work of the family will be a full one.
  package func invalidate(_ family: IPFamily, reason: String) { families[family]?.fullReason = reason }

  /// Takes back the conntrack clean-up of a failed sync.
  nonisolated func returnSweep(_ sweep: ServiceFlows?, of family: IPFamily) async {
    if let sweep { await planners[family]?.returnSweep(sweep) }
  }

  /// The next work of the family will carry its health checks again.
  nonisolated func repeatHealthChecks(_ family: IPFamily) async { await planners[family]?.repeatHealthChecks() }

  /// Plans what is due for a family. nil while the cluster is not completely known, or if nothing changed.
  package nonisolated func takeWork(_ family: IPFamily) async -> SyncWork? {
    await planners[family]?.takeWork(of: self)
  }

  /// Changes in the addresses that several Services claim, as of the work that was taken last; nil if there are none.
  /// Call this after the sync of that work. An earlier call would plan every Service twice.
  nonisolated func takeClashNews(_ family: IPFamily) async -> ClashNews? {
    await planners[family]?.takeClashNews()
  }

  /// What a family has to plan.
  struct DueChanges: Sendable {
    let options: PlannerOptions
    /// Why everything has to be planned; nil if it is enough to plan the changed Services.
    let fullReason: String?
    let services: Set<NamespacedName>
    let triggerTimes: [WallTime]
    /// The whole cluster for a full plan, otherwise only the changed Services: while a planner holds the whole cluster,
    /// the next event has to copy the cluster's tables once.
    let snapshot: ClusterSnapshot
  }

  /// Hands over the changes that are due; nil if there are none.
  /// - Parameter planned: the options of the plan that the changes will be made to; nil if there is none yet.
  func takeChanges(_ family: IPFamily, planned: PlannerOptions?) -> DueChanges? {
    guard isComplete, let changes = families[family] else { return nil }
    let options = options(of: family)
    let isOutdated = planned.map { $0 != options } ?? false
    let reason = isOutdated ? "node, host or service subnets changed" : changes.fullReason
    guard reason != nil || !changes.services.isEmpty else { return nil }
    families[family] = FamilyChanges(fullReason: nil)
    return DueChanges(
      options: options, fullReason: reason, services: changes.services, triggerTimes: changes.triggerTimes,
      snapshot: reason == nil ? store.snapshot.part(of: changes.services) : store.snapshot)
  }
}
