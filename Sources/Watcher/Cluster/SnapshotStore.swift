import ServiceModel

/// What a batch of events did to the snapshot.
public struct SnapshotChange: Sendable, Equatable {
  /// Services whose rules may be others now.
  public var services: Set<NamespacedName> = []
  /// Whether a Node came, went or changed.
  public var nodes = false
  public var serviceCIDRs = false
  /// How many Services and slices changed: what metrics count.
  public var serviceChanges = 0
  public var sliceChanges = 0
  /// `last-change-trigger-time`s of slices that changed, by their family, in seconds since 1970.
  public var triggerTimes: [IPFamily: [Double]] = [:]

  public init() {}

  public var isEmpty: Bool { services.isEmpty && !nodes && !serviceCIDRs }
}

/// Keeps the cluster's snapshot, and knows when it is complete.
public struct SnapshotStore: Sendable {
  public private(set) var snapshot = ClusterSnapshot()
  private var awaited: Set<Kind> = [.services, .slices, .nodes]

  private enum Kind { case services, slices, nodes }

  public init() {}

  /// Whether everything has been listed once: before that, what is missing may only not have come yet.
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
      let new = Set(cidrs)
      if snapshot.serviceCIDRs != new { change.serviceCIDRs = true }
      snapshot.serviceCIDRs = new
    case .setService(let service):
      guard snapshot.set(service) else { return }
      change.services.insert(service.name)
      change.serviceChanges += 1
    case .removeService(let name):
      guard snapshot.removeService(name) else { return }
      change.services.insert(name)
      change.serviceChanges += 1
    case .setSlice(let slice):
      let affected = snapshot.set(slice)
      guard !affected.isEmpty else { return }
      change.services.formUnion(affected)
      change.sliceChanges += 1
      if let time = slice.lastChangeTriggerTime { change.triggerTimes[slice.family, default: []].append(time) }
    case .removeSlice(let name):
      let affected = snapshot.removeSlice(name)
      if !affected.isEmpty { change.sliceChanges += 1 }
      change.services.formUnion(affected)
    case .setNode(let node):
      if snapshot.set(node) { change.nodes = true }
    case .removeNode(let name):
      if snapshot.removeNode(name) { change.nodes = true }
    }
  }
}
