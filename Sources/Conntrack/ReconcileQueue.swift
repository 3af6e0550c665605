import ServiceModel

/// Which families await a sweep, with the newest state of each. A newer state replaces one that was not swept yet.
struct ReconcileQueue: Sendable, Equatable {
  private var pending: [IPFamily: ServiceFlows] = [:]
  /// Families whose last sweep failed and for which nothing newer has come: the others do not wait for them.
  private var resting: Set<IPFamily> = []
  /// Families that somebody will bring back with `retry`.
  private var promised: Set<IPFamily> = []
  /// What the rules that are just being written are for.
  private var announced: [IPFamily: ServiceFlows] = [:]
  /// Grows with each state that comes.
  private(set) var version = 0

  mutating func announce(_ flows: ServiceFlows) {
    announced[flows.family] = flows
    version += 1
  }

  /// States that have come since the last one that `next` gave.
  func newer(_ family: IPFamily) -> [ServiceFlows] { [pending[family], announced[family]].compactMap { $0 } }

  mutating func submit(_ flows: ServiceFlows) {
    announced[flows.family] = nil
    version += 1
    var flows = flows
    if let earlier = pending[flows.family] { flows.adoptDeparted(of: earlier) }
    pending[flows.family] = flows
    resting.remove(flows.family)
  }

  /// Puts back what could not be swept, unless there is something newer. Returns whether a `retry` has to be arranged;
  /// else one is under way.
  mutating func failed(_ flows: ServiceFlows) -> Bool {
    if pending[flows.family] == nil {
      pending[flows.family] = flows
      resting.insert(flows.family)
    } else {
      pending[flows.family]?.adoptDeparted(of: flows)
    }
    return promised.insert(flows.family).inserted
  }

  /// What failed may be tried again.
  mutating func retry(_ family: IPFamily) {
    promised.remove(family)
    resting.remove(family)
  }

  mutating func next() -> ServiceFlows? {
    guard let family = pending.keys.filter({ !resting.contains($0) }).min() else { return nil }
    return pending.removeValue(forKey: family)
  }
}
