import ServiceModel

/// The families that wait for a sweep, with the newest state of each. A newer state replaces one that was not swept
/// yet.
struct ReconcileQueue: Sendable, Equatable {
  private var pending: [IPFamily: ServiceFlows] = [:]
  /// Families whose last sweep failed and for which no newer state has come. The other families do not wait for them.
  private var resting: Set<IPFamily> = []
  /// Families for which a call of `retry` is already scheduled.
  private var promised: Set<IPFamily> = []
  /// The states that rules are being written for at the moment.
  private var announced: [IPFamily: ServiceFlows] = [:]
  /// Increases with each new state.
  private(set) var version = 0

  mutating func announce(_ flows: ServiceFlows) {
    announced[flows.family] = flows
    version += 1
  }

  /// States that have arrived since `next` last returned one.
  func newer(_ family: IPFamily) -> [ServiceFlows] { [pending[family], announced[family]].compactMap { $0 } }

  mutating func submit(_ flows: ServiceFlows) {
    announced[flows.family] = nil
    version += 1
    var flows = flows
    if let earlier = pending[flows.family] { flows.adoptDeparted(of: earlier) }
    pending[flows.family] = flows
    resting.remove(flows.family)
  }

  /// Puts back a state whose sweep failed, unless there is a newer one. Returns whether the caller has to schedule a
  /// `retry`. If not, one is already scheduled.
  mutating func failed(_ flows: ServiceFlows) -> Bool {
    if pending[flows.family] == nil {
      pending[flows.family] = flows
      resting.insert(flows.family)
    } else {
      pending[flows.family]?.adoptDeparted(of: flows)
    }
    return promised.insert(flows.family).inserted
  }

  /// Allows another attempt for a family whose sweep failed.
  mutating func retry(_ family: IPFamily) {
    promised.remove(family)
    resting.remove(family)
  }

  mutating func next() -> ServiceFlows? {
    guard let family = pending.keys.filter({ !resting.contains($0) }).min() else { return nil }
    return pending.removeValue(forKey: family)
  }
}
