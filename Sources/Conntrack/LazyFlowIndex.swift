import ServiceModel
import Synchronization

/// A `FlowIndex` that is built when the first flow is looked up, on the thread of the sweep. With many Services this
/// takes long.
final class LazyFlowIndex: Sendable {
  private let flows: ServiceFlows
  private let index = Mutex<FlowIndex?>(nil)

  init(_ flows: ServiceFlows) { self.flows = flows }

  func verdict(_ flow: Flow) -> FlowVerdict {
    index.withLock { index in
      let built = index ?? FlowIndex(flows)
      index = built
      return built.verdict(flow)
    }
  }
}
