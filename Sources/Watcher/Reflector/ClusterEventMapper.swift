import KubernetesAPI
import ServiceModel

/// Converts a reflector's output for one resource to cluster events.
struct ClusterEventMapper {
  typealias Content = DecodedObject.Content

  let resource: WatchedResource

  init(_ resource: WatchedResource) { self.resource = resource }

  func replace(_ objects: [WatchedObject]) -> ClusterEvent {
    switch resource {
    case .services:
      return .replaceServices(objects.compactMap { if case .service(let it) = $0.content { it } else { nil } })
    case .endpointSlices:
      return .replaceSlices(objects.compactMap { if case .endpointSlice(let it) = $0.content { it } else { nil } })
    case .nodes: return .replaceNodes(objects.compactMap { if case .node(let it) = $0.content { it } else { nil } })
    case .serviceCIDRs:
      let ranges = objects.map { if case .serviceCIDR(let ranges) = $0.content { ranges } else { [CIDR]() } }
      return .replaceServiceCIDRs(ranges.flatMap { $0 })
    }
  }

  /// nil if the resource's changes are sent as a complete replacement.
  func set(_ object: WatchedObject) -> ClusterEvent? {
    switch object.content {
    case .service(let service): .setService(service)
    case .endpointSlice(let slice): .setSlice(slice)
    case .node(let node): .setNode(node)
    case .serviceCIDR, .ignored: nil
    }
  }

  func remove(_ key: ObjectKey) -> ClusterEvent? {
    let name = NamespacedName(namespace: key.namespace, name: key.name)
    return switch resource {
    case .services: name.map(ClusterEvent.removeService)
    case .endpointSlices: name.map(ClusterEvent.removeSlice)
    case .nodes: .removeNode(key.name)
    case .serviceCIDRs: nil
    }
  }
}

/// A watched object with its key.
struct WatchedObject: Hashable, Sendable {
  var key: ObjectKey
  var content: DecodedObject.Content

  /// nil if the object does not concern a service proxy.
  init?(_ object: DecodedObject) {
    if case .ignored = object.content { return nil }
    key = ObjectKey(namespace: object.reference.namespace, name: object.reference.name)
    content = object.content
  }
}

extension WatchedResource {
  var kind: ResourceKind {
    switch self {
    case .services: .service
    case .endpointSlices: .endpointSlice
    case .nodes: .node
    case .serviceCIDRs: .serviceCIDR
    }
  }
}
