import ServiceModel
import Watcher

/// The own Node, as far as the rules depend on it.
///
/// As in kube-proxy, the rules use the last known Node after the Node object was deleted. An operator may delete the
/// object only to make the kubelet register it again, and the pods on this node still need their rules.
package struct OwnNode: Sendable, Equatable {
  package let name: String
  /// True in detectLocalMode NodeCIDR. Rules are written only after the Node's pod CIDRs are known, because earlier
  /// rules would masquerade the wrong packets.
  let needsPodCIDRs: Bool
  private(set) var last: Node?

  package init(name: String = "", needsPodCIDRs: Bool = false) {
    self.name = name
    self.needsPodCIDRs = needsPodCIDRs
  }

  mutating func note(_ events: [ClusterEvent]) {
    for event in events {
      switch event {
      case .setNode(let node) where node.name == name: note(node)
      case .replaceNodes(let nodes): note(nodes)
      default: continue
      }
    }
  }

  /// Looks for the own Node among all Nodes.
  mutating func note(_ nodes: [Node]) { nodes.first { $0.name == name }.map { note($0) } }

  private mutating func note(_ node: Node) {
    var node = node
    // A Node that was registered again has no pod CIDRs for a short time. Keep the known ones until it has some.
    if needsPodCIDRs, node.podCIDRs.isEmpty { node.podCIDRs = last?.podCIDRs ?? [] }
    last = node
  }

  /// Whether enough is known to write rules.
  var isReady: Bool { !needsPodCIDRs || last?.podCIDRs.isEmpty == false }

  /// The cluster, with the Node that the rules depend on.
  func view(of snapshot: ClusterSnapshot) -> ClusterSnapshot {
    guard let last, snapshot.nodes[name] != last else { return snapshot }
    var view = snapshot
    view.set(last)
    return view
  }
}
