import KubernetesAPI
import ServiceModel

/// Holds the snapshot of the cluster and knows whether it is complete.
package struct SnapshotStore: Sendable {
  /// The objects that the source has sent.
  private var told = ClusterSnapshot()
  /// A restored state that is used instead of them.
  private var restored: ClusterSnapshot?
  private var awaited: Set<ResourceKind> = [.service, .endpointSlice, .node]

  /// - Parameter awaitsServiceCIDRs: whether the snapshot is complete only after ServiceCIDRs are listed, too.
  package init(awaitsServiceCIDRs: Bool = false) {
    if awaitsServiceCIDRs { awaited.insert(.serviceCIDR) }
  }

  /// The state that the rules follow: everything that the source has sent or, until all kinds have been listed, the
  /// restored state.
  package var snapshot: ClusterSnapshot { restored ?? told }

  /// Whether every kind has been listed once. Before that, a missing object may exist and just not have arrived yet.
  package var isComplete: Bool { awaited.isEmpty }

  /// Whether a restored state is used instead of the source's objects.
  package var hasStandIn: Bool { restored != nil }

  package mutating func apply(_ events: [ClusterEvent]) -> SnapshotChange {
    var change = SnapshotChange()
    for event in events {
      if restored == nil {
        apply(event, to: &change)
      } else {
        var unseen = SnapshotChange()
        apply(event, to: &unseen)
      }
      if let saved = restored, isComplete {
        restored = nil
        change.note(from: saved, to: told)
        change.standIn = .ended
      }
    }
    return change
  }

  private mutating func restore(_ saved: ClusterSnapshot, to change: inout SnapshotChange) {
    guard !isComplete, restored == nil else { return }
    change.note(from: told, to: saved)
    change.standIn = .began
    restored = saved
  }

  private mutating func apply(_ event: ClusterEvent, to change: inout SnapshotChange) {
    switch event {
    case .replaceServices(let services):
      awaited.remove(.service)
      let kept = Set(services.map(\.name))
      for name in told.services.keys where !kept.contains(name) { apply(.removeService(name), to: &change) }
      for service in services { apply(.setService(service), to: &change) }
    case .replaceSlices(let slices):
      awaited.remove(.endpointSlice)
      let kept = Set(slices.map(\.name))
      for name in told.slices.values.flatMap(\.keys) where !kept.contains(name) {
        apply(.removeSlice(name), to: &change)
      }
      for slice in slices { apply(.setSlice(slice), to: &change) }
    case .replaceNodes(let nodes):
      awaited.remove(.node)
      let kept = Set(nodes.map(\.name))
      for name in told.nodes.keys where !kept.contains(name) { apply(.removeNode(name), to: &change) }
      for node in nodes { apply(.setNode(node), to: &change) }
    case .replaceServiceCIDRs(let cidrs):
      awaited.remove(.serviceCIDR)
      let new = Set(cidrs)
      if told.serviceCIDRs != new { change.serviceCIDRs = true }
      told.serviceCIDRs = new
    case .setService(let service):
      let before = told.services[service.name]
      if told.set(service) { change.note([before, service]) }
    case .removeService(let name):
      let before = told.services[name]
      if told.removeService(name) { change.note([before]) }
    case .setSlice(let slice):
      let before = told.slice(slice.name)
      guard !told.set(slice).isEmpty else { return }
      change.note([before, slice], triggerTime: slice.lastChangeTriggerTime)
    case .removeSlice(let name):
      let before = told.slice(name)
      if !told.removeSlice(name).isEmpty { change.note([before]) }
    case .setNode(let node):
      if told.set(node) { change.nodes = true }
    case .removeNode(let name):
      if told.removeNode(name) { change.nodes = true }
    case .restore(let saved): restore(saved, to: &change)
    }
  }
}
