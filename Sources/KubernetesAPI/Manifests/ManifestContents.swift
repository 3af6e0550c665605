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

    fileprivate init(_ object: DecodedObject, _ reason: IgnoreReason) {
      source = object.source
      self.object = object.reference
      self.reason = reason
      addresses = object.unservedAddresses
    }
  }

  private var definedServices = Definitions<Service>()
  private var definedSlices = Definitions<EndpointSlice>()
  private var definedNodes = Definitions<Node>()
  private var definedCIDRs = Definitions<[CIDR]>()
  private var ignoredDefinitions = Definitions<Ignored>()
  package private(set) var warnings: [ObjectWarning] = []
  /// Objects that were left out because they are not valid.
  package private(set) var failures: [ObjectFailure] = []
  /// Whether a file could not be read to its end, because of a syntax error. It is then unknown how many objects are
  /// missing.
  package private(set) var isIncomplete = false
  /// The source of each slice.
  private(set) var sources: [ObjectReference: ObjectSource] = [:]

  package init() {}

  /// In the order of the files. If an object appears several times, the last definition counts, also if it says that
  /// the object does not concern a service proxy.
  package var services: [Service] { definedServices.values }
  package var slices: [EndpointSlice] { definedSlices.values }
  package var nodes: [Node] { definedNodes.values }
  package var ignored: [Ignored] { ignoredDefinitions.values }
  /// The CIDRs of all ServiceCIDR objects, without duplicates.
  package var serviceCIDRs: [CIDR] {
    var known: Set<CIDR> = []
    return definedCIDRs.values.joined().filter { known.insert($0).inserted }
  }

  mutating func warn(_ warning: ObjectWarning) { warnings.append(warning) }

  mutating func fail(_ failure: ObjectFailure) { failures.append(failure) }

  /// Called for a failure after which the rest of a file is not read.
  mutating func breakOff(_ failure: ObjectFailure) {
    fail(failure)
    isIncomplete = true
  }

  mutating func add(_ object: DecodedObject) {
    warnings += object.warnings
    switch object.content {
    case .service(let service):
      forget(object)
      definedServices.set(service, for: object.reference)
    case .endpointSlice(let slice):
      forget(object)
      sources[object.reference] = object.source
      definedSlices.set(slice, for: object.reference)
    case .node(let node):
      forget(object)
      definedNodes.set(node, for: object.reference)
    case .serviceCIDR(let cidrs):
      forget(object)
      definedCIDRs.set(cidrs, for: object.reference)
    // It can have the kind and the name of an object that is read, and be another object.
    case .ignored(.otherKind(let version)):
      ignoredDefinitions.append(Ignored(object, .otherKind(apiVersion: version)))
    case .ignored(let reason):
      forget(object, "; the object is ignored: \(reason)")
      ignoredDefinitions.set(Ignored(object, reason), for: object.reference)
    }
  }

  /// Removes an earlier definition of the object, with a warning.
  private mutating func forget(_ object: DecodedObject, _ consequence: String = "") {
    let reference = object.reference
    // The kind is a part of the reference, so at most one of these lists has the object.
    guard
      definedServices.remove(reference) || definedSlices.remove(reference) || definedNodes.remove(reference)
        || definedCIDRs.remove(reference) || ignoredDefinitions.remove(reference)
    else { return }
    warn(
      ObjectWarning(
        source: object.source, object: reference, field: "",
        message: "occurs here again; this definition is used\(consequence)"))
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
