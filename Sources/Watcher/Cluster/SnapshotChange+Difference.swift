import ServiceModel

extension SnapshotChange {
  /// Adds what differs between two states.
  mutating func note(from old: ClusterSnapshot, to new: ClusterSnapshot) {
    for name in Set(old.services.keys).union(new.services.keys) where old.services[name] != new.services[name] {
      services.insert(name)
      serviceChanges += 1
    }
    for owner in Set(old.slices.keys).union(new.slices.keys) {
      noteSlices(of: owner, from: old.slices[owner] ?? [:], to: new.slices[owner] ?? [:])
    }
    if old.nodes != new.nodes { nodes = true }
    if old.serviceCIDRs != new.serviceCIDRs { serviceCIDRs = true }
  }

  private mutating func noteSlices(
    of owner: NamespacedName, from old: [NamespacedName: EndpointSlice], to new: [NamespacedName: EndpointSlice]
  ) {
    for name in Set(old.keys).union(new.keys) where old[name] != new[name] {
      services.insert(owner)
      sliceChanges += 1
      if let slice = new[name], let time = slice.lastChangeTriggerTime {
        triggerTimes[slice.family, default: []].append(time)
      }
    }
  }
}
