import ServiceModel

/// The effect of a batch of events on the snapshot.
public struct SnapshotChange: Sendable, Equatable {
  /// The changes that concern the rules of one family.
  public struct Family: Sendable, Equatable {
    /// Services whose rules may have changed.
    public var services: Set<NamespacedName> = []
    public var serviceChanges = 0
    public var sliceChanges = 0
    /// `last-change-trigger-time`s of slices that changed, in seconds since 1970.
    public var triggerTimes: [Double] = []

    public init() {}
  }

  /// Only families with a change. A slice has one family. A Service has the families of its cluster IPs.
  public private(set) var families: [IPFamily: Family] = [:]
  /// Whether a Node was added, removed or changed.
  public var nodes = false
  public var serviceCIDRs = false
  /// How many Services and slices changed, for the metrics.
  public private(set) var serviceChanges = 0
  public private(set) var sliceChanges = 0

  public init() {}

  public var isEmpty: Bool { families.isEmpty && !nodes && !serviceCIDRs }

  /// Whether the rules of a family may have changed.
  public func concerns(_ family: IPFamily) -> Bool { nodes || serviceCIDRs || families[family] != nil }

  /// - Parameter states: the Service before and after the change.
  fileprivate mutating func note(_ states: [Service?]) {
    serviceChanges += 1
    let states = states.compactMap { $0 }
    for family in Set(states.flatMap(\.clusterIPs).map(\.family)) {
      families[family, default: Family()].services.formUnion(states.map(\.name))
      families[family, default: Family()].serviceChanges += 1
    }
  }

  fileprivate mutating func note(_ states: [EndpointSlice?], triggerTime: Double? = nil) {
    sliceChanges += 1
    for slice in states.compactMap({ $0 }) {
      families[slice.family, default: Family()].services.insert(slice.service)
    }
    for family in Set(states.compactMap { $0?.family }) { families[family, default: Family()].sliceChanges += 1 }
    // The trigger time belongs to the family of the slice's new state.
    if let triggerTime, let slice = states.last ?? nil {
      families[slice.family, default: Family()].triggerTimes.append(triggerTime)
    }
  }
}

/// Holds the snapshot of the cluster and knows whether it is complete.
public struct SnapshotStore: Sendable {
  public private(set) var snapshot = ClusterSnapshot()
  private var awaited: Set<Kind> = [.services, .slices, .nodes]

  private enum Kind { case services, slices, nodes, serviceCIDRs }

  /// - Parameter awaitsServiceCIDRs: whether the snapshot is complete only after ServiceCIDRs are listed, too.
  public init(awaitsServiceCIDRs: Bool = false) {
    if awaitsServiceCIDRs { awaited.insert(.serviceCIDRs) }
  }

  /// Whether every kind has been listed once. Before that, a missing object may only not have arrived yet.
  public var isComplete: Bool { awaited.isEmpty }

  public mutating func apply(_ events: [ClusterEvent]) -> SnapshotChange {
    var change = SnapshotChange()
    for event in events { apply(event, to: &change) }
    return change
  }

  private mutating func apply(_ event: ClusterEvent, to change: inout SnapshotChange) {
    switch event {
    case .replaceServices(let services):
      awaited.remove(.services)
      let kept = Set(services.map(\.name))
      for name in snapshot.services.keys where !kept.contains(name) { apply(.removeService(name), to: &change) }
      for service in services { apply(.setService(service), to: &change) }
    case .replaceSlices(let slices):
      awaited.remove(.slices)
      let kept = Set(slices.map(\.name))
      for name in snapshot.slices.values.flatMap(\.keys) where !kept.contains(name) {
        apply(.removeSlice(name), to: &change)
      }
      for slice in slices { apply(.setSlice(slice), to: &change) }
    case .replaceNodes(let nodes):
      awaited.remove(.nodes)
      let kept = Set(nodes.map(\.name))
      for name in snapshot.nodes.keys where !kept.contains(name) { apply(.removeNode(name), to: &change) }
      for node in nodes { apply(.setNode(node), to: &change) }
    case .replaceServiceCIDRs(let cidrs):
      awaited.remove(.serviceCIDRs)
      let new = Set(cidrs)
      if snapshot.serviceCIDRs != new { change.serviceCIDRs = true }
      snapshot.serviceCIDRs = new
    case .setService(let service):
      let before = snapshot.services[service.name]
      if snapshot.set(service) { change.note([before, service]) }
    case .removeService(let name):
      let before = snapshot.services[name]
      if snapshot.removeService(name) { change.note([before]) }
    case .setSlice(let slice):
      let before = snapshot.slice(slice.name)
      guard !snapshot.set(slice).isEmpty else { return }
      change.note([before, slice], triggerTime: slice.lastChangeTriggerTime)
    case .removeSlice(let name):
      let before = snapshot.slice(name)
      if !snapshot.removeSlice(name).isEmpty { change.note([before]) }
    case .setNode(let node):
      if snapshot.set(node) { change.nodes = true }
    case .removeNode(let name):
      if snapshot.removeNode(name) { change.nodes = true }
    }
  }
}
