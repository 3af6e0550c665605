import ServiceModel
import Time

/// The effect of a batch of events on the snapshot.
package struct SnapshotChange: Sendable, Equatable {
  /// The changes that concern the rules of one family.
  package struct Family: Sendable, Equatable {
    /// Services whose rules may have changed.
    package var services: Set<NamespacedName> = []
    package var serviceChanges = 0
    package var sliceChanges = 0
    /// `last-change-trigger-time`s of slices that changed.
    package var triggerTimes: [WallTime] = []

    package init() {}
  }

  /// Only families with a change. A slice has one family. A Service has the families of its cluster IPs.
  package private(set) var families: [IPFamily: Family] = [:]
  /// Whether a Node was added, removed or changed.
  package var nodes = false
  package var serviceCIDRs = false
  /// How many Services and slices changed, for the metrics.
  package private(set) var serviceChanges = 0
  package private(set) var sliceChanges = 0
  /// Set if the use of a restored state, instead of the source's objects, began or ended.
  package var standIn: StandIn?

  package enum StandIn: Sendable, Equatable { case began, ended }

  package init() {}

  package var isEmpty: Bool { families.isEmpty && !nodes && !serviceCIDRs }

  /// Whether the rules of a family may have changed.
  package func concerns(_ family: IPFamily) -> Bool { nodes || serviceCIDRs || families[family] != nil }

  /// - Parameter states: the Service before and after the change.
  mutating func note(_ states: [Service?]) {
    serviceChanges += 1
    let states = states.compactMap { $0 }
    for family in Set(states.flatMap(\.clusterIPs).map(\.family)) {
      families[family, default: Family()].services.formUnion(states.map(\.name))
      families[family, default: Family()].serviceChanges += 1
    }
  }

  mutating func note(_ states: [EndpointSlice?], triggerTime: WallTime? = nil) {
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
