import ServiceModel
import Watcher

extension ClusterEvent {
  /// Names of the objects, for short comparisons.
  var summary: String {
    switch self {
    case .replaceServices(let services): "all " + services.map(\.name.name).joined(separator: " ")
    case .replaceSlices(let slices): "all slices " + slices.map(\.name.name).joined(separator: " ")
    case .replaceNodes(let nodes): "all nodes " + nodes.map(\.name).joined(separator: " ")
    case .replaceServiceCIDRs(let cidrs): "all CIDRs " + cidrs.map(\.description).joined(separator: " ")
    case .restore(let saved): "restore \(saved.services.count) Services"
    case .setService(let service): "set \(service.name.name)"
    case .removeService(let name): "remove \(name.name)"
    case .setSlice(let slice): "set slice \(slice.name.name)"
    case .removeSlice(let name): "remove slice \(name.name)"
    case .setNode(let node): "set node \(node.name)"
    case .removeNode(let name): "remove node \(name)"
    }
  }
}
