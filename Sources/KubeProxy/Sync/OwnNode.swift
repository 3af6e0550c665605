import ServiceModel
import Watcher

/// The own Node as the rules go by it.
///
/// As with kube-proxy the last known Node stays in force when the Node object is deleted: whoever deletes it may only
/// want it to register anew, and the pods that run here still need their rules.
public struct OwnNode: Sendable, Equatable {
  public let name: String
  /// Mode NodeCIDR: rules would masquerade wrongly before the Node's pod CIDRs are known.
  public let needsPodCIDRs: Bool
  private(set) var last: Node?

  public init(name: String = "", needsPodCIDRs: Bool = false) {
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

  /// Is told of all Nodes.
  mutating func note(_ nodes: [Node]) { nodes.first { $0.name == name }.map { note($0) } }

  private mutating func note(_ node: Node) {
    var node = node
    // Pod CIDRs are assigned once; a Node without any is about to be given the same ones again.
    if needsPodCIDRs, node.podCIDRs.isEmpty { node.podCIDRs = last?.podCIDRs ?? [] }
    last = node
  }

  /// Whether enough is known to write rules.
  var isReady: Bool { !needsPodCIDRs || last?.podCIDRs.isEmpty == false }

  /// The cluster with the Node that the rules go by.
  func view(of snapshot: ClusterSnapshot) -> ClusterSnapshot {
    guard let last, snapshot.nodes[name] != last else { return snapshot }
    var view = snapshot
    view.set(last)
    return view
  }
}
