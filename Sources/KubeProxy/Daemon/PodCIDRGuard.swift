import ServiceModel
import Synchronization

/// In mode NodeCIDR rules are made for the pod CIDRs that the Node had first; others end the process, as in kube-proxy.
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
