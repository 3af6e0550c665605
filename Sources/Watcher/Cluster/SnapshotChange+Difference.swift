import ServiceModel

extension SnapshotChange {
  /// Adds the differences between two states.
  mutating func note(from old: ClusterSnapshot, to new: ClusterSnapshot) {
    for name in Set(old.services.keys).union(new.services.keys) where old.services[name] != new.services[name] {
      note([old.services[name], new.services[name]])
    }
    for owner in Set(old.slices.keys).union(new.slices.keys) {
      let (before, after) = (old.slices[owner] ?? [:], new.slices[owner] ?? [:])
      for name in Set(before.keys).union(after.keys) where before[name] != after[name] {
        note([before[name], after[name]], triggerTime: after[name]?.lastChangeTriggerTime)
      }
    }
    if old.nodes != new.nodes { nodes = true }
    if old.serviceCIDRs != new.serviceCIDRs { serviceCIDRs = true }
  }
}
