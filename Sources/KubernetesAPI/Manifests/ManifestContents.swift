import ServiceModel

/// The objects of a set of manifests, with warnings and failures.
package struct ManifestContents: Sendable, Equatable {
  /// An object that does not concern a service proxy.
  package struct Ignored: Hashable, Sendable {
    package var source: ObjectSource
    package var object: ObjectReference
    package var reason: IgnoreReason
    /// External IPs of a Service.
    var addresses: [IPAddress] = []
  }

  /// In the order of the files. If an object appears twice, the last one counts.
  package private(set) var services: [Service] = []
  package private(set) var slices: [EndpointSlice] = []
  package private(set) var nodes: [Node] = []
  /// The CIDRs of all ServiceCIDR objects, without duplicates.
  package private(set) var serviceCIDRs: [CIDR] = []
  package private(set) var warnings: [ObjectWarning] = []
  package private(set) var ignored: [Ignored] = []
  /// Objects that were left out because they are not valid.
  package private(set) var failures: [ObjectFailure] = []
  /// The source of each slice.
  private(set) var sources: [ObjectReference: ObjectSource] = [:]
  /// The index of each object in the arrays above.
  private var places: [ObjectReference: Int] = [:]

  package init() {}

  mutating func warn(_ warning: ObjectWarning) { warnings.append(warning) }

  mutating func fail(_ failure: ObjectFailure) { failures.append(failure) }

  mutating func add(_ object: DecodedObject) {
    warnings += object.warnings
    switch object.content {
    case .service(let service): place(service, object, in: \.services)
    case .endpointSlice(let slice):
      sources[object.reference] = object.source
      place(slice, object, in: \.slices)
    case .node(let node): place(node, object, in: \.nodes)
    case .serviceCIDR(let cidrs): serviceCIDRs += cidrs.filter { !serviceCIDRs.contains($0) }
    case .ignored(let reason):
      ignored.append(
        Ignored(
          source: object.source, object: object.reference, reason: reason, addresses: object.unservedAddresses))
    }
  }

  private mutating func place<Value>(
    _ value: Value, _ object: DecodedObject, in list: WritableKeyPath<ManifestContents, [Value]>
  ) {
    if let place = places[object.reference] {
      self[keyPath: list][place] = value
      warnings.append(
        ObjectWarning(
          source: object.source, object: object.reference, field: "",
          message: "occurs here again; this definition is used"))
    } else {
      places[object.reference] = self[keyPath: list].count
      self[keyPath: list].append(value)
    }
  }

  /// The cluster as these manifests describe it.
  package func snapshot() -> ClusterSnapshot {
    var result = ClusterSnapshot()
    for service in services { result.set(service) }
    for slice in slices { result.set(slice) }
    for node in nodes { result.set(node) }
    result.serviceCIDRs = Set(serviceCIDRs)
    result.unserved = ignored.compactMap { ignored in
      guard !ignored.addresses.isEmpty,
        let name = NamespacedName(namespace: ignored.object.namespace, name: ignored.object.name)
      else { return nil }
      return UnservedService(name: name, addresses: ignored.addresses, reason: ignored.reason.description)
    }
    return result
  }
}

extension ManifestContents.Ignored: CustomStringConvertible {
  package var description: String { "\(source): \(object): \(reason)" }
}

extension ManifestContents {
  /// Whether a document could not be split into objects. It is then unknown which objects are missing.
  package var isIncomplete: Bool {
    failures.contains { failure in
      if case .undecodable(let undecodable) = failure { return undecodable.object == nil }
      return false
    }
  }
}
