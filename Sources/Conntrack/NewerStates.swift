import ServiceModel
import Synchronization

/// The states of a family's Services that have arrived since a sweep began with an older state.
struct NewerStates {
  let family: IPFamily
  private var version: Int?
  private var indices: [FlowIndex] = []

  init(family: IPFamily) { self.family = family }

  /// Whether the flow goes to an endpoint of a newer state. It is called only for stale flows, which are few.
  mutating func wants(_ flow: Flow, as queue: borrowing Mutex<ReconcileQueue>) -> Bool {
    let known = version
    let news = queue.withLock { queue in
      queue.version == known ? nil : (version: queue.version, states: queue.newer(family))
    }
    if let news {
      version = news.version
      indices = news.states.map(FlowIndex.init)
    }
    return indices.contains { $0.leads(flow) }
  }
}
