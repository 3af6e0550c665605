import Conntrack
import Synchronization

/// Collects flows from another thread.
final class Recorder: Sendable {
  private let state = Mutex<[Flow]>([])
  func add(_ flow: Flow) { state.withLock { $0.append(flow) } }
  var flows: [Flow] { state.withLock { $0 } }
}
