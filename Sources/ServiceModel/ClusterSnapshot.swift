/// Everything that the planner may know about the cluster: a complete value that is already validated.
package struct ClusterSnapshot: Sendable, Equatable {
  package private(set) var services: [NamespacedName: Service] = [:]
  /// Slices by the Service they belong to, then by their own name.
  package private(set) var slices: [NamespacedName: [NamespacedName: EndpointSlice]] = [:]
  /// Nodes by name. The daemon watches its own Node only.
  package private(set) var nodes: [String: Node] = [:]
  /// ServiceCIDRs of the API (networking/v1), if the API server has them.
  package var serviceCIDRs: Set<CIDR> = []
  /// Services that get no rules although they have addresses, if the source reports them.
  package var unserved: [UnservedService] = []
  /// The Service that each slice belonged to when it was last seen. It is needed because a slice's label may change.
  private var owners: [NamespacedName: NamespacedName] = [:]

  package init() {}

  /// Adds or replaces a Service. Returns whether that changed anything.
  @discardableResult
  package mutating func set(_ service: Service) -> Bool {
    services.updateValue(service, forKey: service.name) != service
  }

  /// Removes a Service. Returns whether it existed.
  @discardableResult
  package mutating func removeService(_ name: NamespacedName) -> Bool { services.removeValue(forKey: name) != nil }

  /// Adds or replaces a slice. Returns the Services whose endpoints may have changed.
  @discardableResult
  package mutating func set(_ slice: EndpointSlice) -> Set<NamespacedName> {
    if slices[slice.service]?[slice.name] == slice { return [] }
    var affected = removeSlice(slice.name)
    owners[slice.name] = slice.service
    slices[slice.service, default: [:]][slice.name] = slice
    affected.insert(slice.service)
    return affected
  }

  /// Removes a slice. Returns the Service that it belonged to, if it was known.
  @discardableResult
  package mutating func removeSlice(_ name: NamespacedName) -> Set<NamespacedName> {
    guard let owner = owners.removeValue(forKey: name), slices[owner]?.removeValue(forKey: name) != nil else {
      return []
    }
    if slices[owner]?.isEmpty == true { slices[owner] = nil }
    return [owner]
  }

  /// The slice with this name.
  package func slice(_ name: NamespacedName) -> EndpointSlice? { owners[name].flatMap { slices[$0]?[name] } }

  /// Adds or replaces a Node. Returns whether that changed anything.
  @discardableResult
  package mutating func set(_ node: Node) -> Bool { nodes.updateValue(node, forKey: node.name) != node }

  /// Removes a Node. Returns whether it existed.
  @discardableResult
  package mutating func removeNode(_ name: String) -> Bool { nodes.removeValue(forKey: name) != nil }

  /// A snapshot with only these Services and their slices, plus everything that does not belong to a Service.
  package func part(of names: some Sequence<NamespacedName>) -> ClusterSnapshot {
    var part = ClusterSnapshot()
    part.nodes = nodes
    part.serviceCIDRs = serviceCIDRs
    for name in names {
      part.services[name] = services[name]
      part.slices[name] = slices[name]
      for slice in (slices[name] ?? [:]).keys { part.owners[slice] = name }
    }
    return part
  }

  /// The slices of a Service in one family, ordered by name.
  package func slices(of service: NamespacedName, family: IPFamily) -> [EndpointSlice] {
    (slices[service] ?? [:]).values.filter { $0.family == family }.sorted { $0.name < $1.name }
  }
}
