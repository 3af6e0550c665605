import Conntrack
import Planner
import ServiceModel
import System
import Watcher

/// The cluster as it is known, and for each family what its rules do not show yet.
///
/// It takes events in at any time. Planning takes long, so each family has a ``FamilyPlanner`` for it, which takes the
/// changes from here.
public actor ClusterState {
  /// Gives the options for a family under a given state of the cluster.
  public typealias OptionsSource = @Sendable (IPFamily, ClusterSnapshot) -> PlannerOptions

  private var store = SnapshotStore()
  private var families: [IPFamily: FamilyChanges] = [:]
  private var node: OwnNode
  private let start: Double
  private let options: OptionsSource

  /// How many Services and EndpointSlices have changed since the rules were planned last.
  public struct PendingChanges: Sendable, Equatable {
    public var services = 0
    public var slices = 0

    public init(services: Int = 0, slices: Int = 0) {
      self.services = services
      self.slices = slices
    }
  }

  private struct FamilyChanges {
    /// Why everything has to be planned; nil if changes alone do.
    var fullReason: String? = "start"
    var services: Set<NamespacedName> = []
    var pending = PendingChanges()
    var triggerTimes: [Double] = []
  }

  private let planners: [IPFamily: FamilyPlanner]
  private let executor = ThreadExecutor("cluster state")
  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// - Parameters:
  ///   - start: since when changes are the proxy's to follow, in seconds since 1970.
  ///   - flushTCP: whether conntrack clean-up looks at TCP flows, too.
  ///   - node: which Node the rules go by, and what of it they wait for.
  ///   - localAddresses: the host's own; asked when conntrack is to be cleaned.
  public init(
    families: [IPFamily], start: Double, flushTCP: Bool, node: OwnNode = OwnNode(), options: @escaping OptionsSource,
    localAddresses: @escaping @Sendable () -> Set<IPAddress>
  ) {
    self.start = start
    self.node = node
    self.options = options
    self.families = Dictionary(uniqueKeysWithValues: families.map { ($0, FamilyChanges()) })
    planners = Dictionary(
      uniqueKeysWithValues: families.map {
        ($0, FamilyPlanner($0, flushTCP: flushTCP, localAddresses: localAddresses))
      })
  }

  /// What is known of the cluster.
  public var snapshot: ClusterSnapshot { store.snapshot }

  /// The options that the family would be planned with now.
  public func options(of family: IPFamily) -> PlannerOptions { options(family, node.view(of: store.snapshot)) }

  /// The addresses that several Services claim, by family and in order, as the rules were planned last.
  public nonisolated var clashes: [IPFamily: [AddressClash]] { planners.mapValues(\.clashes) }

  /// Whether everything has been listed once.
  public var isListed: Bool { store.isComplete }

  /// Whether enough is known to write rules.
  public var isComplete: Bool { (isListed || store.hasStandIn) && node.isReady }

  /// Takes events in. Returns what they changed.
  public func apply(_ events: [ClusterEvent]) -> SnapshotChange {
    let change = store.apply(events)
    // The Node that the rules go by changes together with all else.
    if !store.hasStandIn { node.note(events) }
    if change.standIn != nil { node.note(Array(store.snapshot.nodes.values)) }
    for family in families.keys {
      families[family]!.services.formUnion(change.services)
      families[family]!.pending.services += change.serviceChanges
      families[family]!.pending.slices += change.sliceChanges
      // Times before the start tell how old the cluster is, not how slow the proxy is.
      families[family]!.triggerTimes += (change.triggerTimes[family] ?? []).filter { $0 > start }
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
  public nonisolated func returnSweep(_ sweep: ServiceFlows?, of family: IPFamily) async {
    if let sweep { await planners[family]?.returnSweep(sweep) }
  }

  /// Makes the next work of a family carry its health checks again.
  public nonisolated func repeatHealthChecks(_ family: IPFamily) async { await planners[family]?.repeatHealthChecks() }

  /// Plans what is due for a family; nil while the cluster is not completely known, or if nothing changed.
  public nonisolated func takeWork(_ family: IPFamily) async -> SyncWork? {
    await planners[family]?.takeWork(of: self)
  }

  /// What a family has to plan.
  struct DueChanges: Sendable {
    let options: PlannerOptions
    /// Why everything has to be planned; nil if the changed Services alone do.
    let fullReason: String?
    let services: Set<NamespacedName>
    let triggerTimes: [Double]
    /// The whole cluster for a full plan, else the changed Services alone: while a planner holds the whole, an event
    /// that comes in has to copy its tables once.
    let snapshot: ClusterSnapshot
  }

  /// Hands over what is due; nil if nothing is.
  /// - Parameter planned: the options of the plan that the changes will be made to; nil if there is none yet.
  func takeChanges(_ family: IPFamily, planned: PlannerOptions?) -> DueChanges? {
    guard isComplete, let changes = families[family] else { return nil }
    let options = options(of: family)
    let isOutdated = planned.map { $0 != options } ?? false
    let reason = isOutdated ? "node or host changed" : changes.fullReason
    guard reason != nil || !changes.services.isEmpty else { return nil }
    families[family] = FamilyChanges(fullReason: nil)
    return DueChanges(
      options: options, fullReason: reason, services: changes.services, triggerTimes: changes.triggerTimes,
      snapshot: reason == nil ? store.snapshot.part(of: changes.services) : store.snapshot)
  }
}
