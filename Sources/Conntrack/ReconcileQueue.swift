import ServiceModel

/// Which families await a sweep, with the newest state of each. A newer state replaces one that was not swept yet.
struct ReconcileQueue: Sendable, Equatable {
  private var pending: [IPFamily: ServiceFlows] = [:]

  mutating func submit(_ flows: ServiceFlows) {
    var flows = flows
    if let earlier = pending[flows.family] { flows.adoptDeparted(of: earlier) }
    pending[flows.family] = flows
  }

  /// Puts back what could not be swept, unless there is something newer.
  mutating func failed(_ flows: ServiceFlows) {
    if pending[flows.family] == nil {
      pending[flows.family] = flows
    } else {
      pending[flows.family]?.adoptDeparted(of: flows)
    }
  }

  mutating func next() -> ServiceFlows? {
    guard let family = pending.keys.min() else { return nil }
    return pending.removeValue(forKey: family)
  }
}
