import KubernetesAPI
import ServiceModel

/// Converts a reflector's output for one resource to cluster events.
struct ClusterEventMapper {
  typealias Content = DecodedObject.Content

  let resource: ResourceKind

  init(_ resource: ResourceKind) { self.resource = resource }

  func replace(_ objects: [WatchedObject]) -> ClusterEvent {
    switch resource {
    case .service:
      return .replaceServices(objects.compactMap { if case .service(let it) = $0.content { it } else { nil } })
    case .endpointSlice:
      return .replaceSlices(objects.compactMap { if case .endpointSlice(let it) = $0.content { it } else { nil } })
    case .node: return .replaceNodes(objects.compactMap { if case .node(let it) = $0.content { it } else { nil } })
    case .serviceCIDR:
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
    case .service: name.map(ClusterEvent.removeService)
    case .endpointSlice: name.map(ClusterEvent.removeSlice)
    case .node: .removeNode(key.name)
    case .serviceCIDR: nil
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
