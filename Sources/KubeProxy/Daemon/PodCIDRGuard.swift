import ServiceModel
import Synchronization

/// For detectLocalMode NodeCIDR: ends the process, as kube-proxy does, when the Node's pod CIDRs change, because the
/// rules use the first pod CIDRs.
final class PodCIDRGuard: Sendable {
  private let first = Mutex<[CIDR]?>(nil)

  func check(_ node: Node?) throws(DaemonError) {
    guard let node, !node.podCIDRs.isEmpty else { return }
    let known = first.withLock { first in
      if first == nil { first = node.podCIDRs }
      return first ?? []
    }
    if known != node.podCIDRs { throw .podCIDRsChanged(from: known, to: node.podCIDRs) }
  }
}
