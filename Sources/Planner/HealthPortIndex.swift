import ServiceModel

/// A health-check node port that is also a node port, or the health-check node port of another Service.
package struct HealthPortClash: Hashable, Sendable, CustomStringConvertible {
  package let service: NamespacedName
  package let port: UInt16
  /// Service ports with this node port, ordered by name. Their rules translate the load balancers' health checks, so
  /// the checks do not reach the health-check server.
  package let nodePorts: [ServicePortName]
  /// Other Services with this health-check node port, ordered by name. Only one server can listen on it.
  package let services: [NamespacedName]

  package var description: String {
    var parts = nodePorts.map { "node port of \($0)" }
    parts += services.map { "health-check node port of \($0)" }
    return "\(service): health-check node port \(port) is also \(parts.joined(separator: " and "))"
  }
}

/// Which Services have which node ports and health-check node ports. The cost of an update depends only on what
/// changed.
///
/// The API server allocates each port once. Duplicates occur if two clusters were joined, if a backup was restored, or
/// in manifest files.
package struct HealthPortIndex: Sendable {
  private struct Entry: Sendable {
    var healthPort: UInt16?
    var nodePorts: [UInt16: ServicePortName] = [:]
  }

  private var entries: [NamespacedName: Entry] = [:]
  private var nodePorts: [UInt16: Set<ServicePortName>] = [:]
  private var healthPorts: [UInt16: Set<NamespacedName>] = [:]

  package init() {}

  package init(_ services: some Sequence<Service>) {
    for service in services { _ = set(service) }
  }

  /// Adds or replaces a Service. Returns the Services whose clashes may have changed.
  package mutating func set(_ service: Service) -> Set<NamespacedName> {
    var entry = Entry(healthPort: service.healthCheckNodePort)
    // Health-check servers speak TCP.
    for port in service.ports where port.name.transport == .tcp {
      if let number = port.nodePort { entry.nodePorts[number] = port.name }
    }
    var touched = remove(service.name)
    entries[service.name] = entry
    for (number, name) in entry.nodePorts { nodePorts[number, default: []].insert(name) }
    if let port = entry.healthPort { healthPorts[port, default: []].insert(service.name) }
    touched.formUnion(services(near: entry))
    return touched
  }

  /// Removes a Service. Returns the Services whose clashes may have changed.
  package mutating func remove(_ service: NamespacedName) -> Set<NamespacedName> {
    guard let entry = entries.removeValue(forKey: service) else { return [service] }
    let touched = services(near: entry).union([service])
    for (number, name) in entry.nodePorts { nodePorts[number]?.remove(name) }
    if let port = entry.healthPort { healthPorts[port]?.remove(service) }
    return touched
  }

  /// The Services in the index.
  package var services: Set<NamespacedName> { Set(entries.keys) }

  /// The other users of the Service's health-check node port; nil if there are none.
  package func clash(of service: NamespacedName) -> HealthPortClash? {
    guard let port = entries[service]?.healthPort else { return nil }
    let others = healthPorts[port, default: []].subtracting([service])
    let taken = nodePorts[port, default: []]
    if others.isEmpty && taken.isEmpty { return nil }
    return HealthPortClash(service: service, port: port, nodePorts: taken.sorted(), services: others.sorted())
  }

  /// All clashes that involve the Service, ordered by Service.
  package func clashes(with service: NamespacedName) -> [HealthPortClash] {
    guard let entry = entries[service] else { return [] }
    return services(near: entry).sorted().compactMap(clash)
  }

  private func services(near entry: Entry) -> Set<NamespacedName> {
    let numbers = Array(entry.nodePorts.keys) + (entry.healthPort.map { [$0] } ?? [])
    return numbers.reduce(into: []) { $0.formUnion(healthPorts[$1] ?? []) }
  }
}
