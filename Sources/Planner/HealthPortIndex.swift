import ServiceModel

/// A health-check node port that something else has as well.
public struct HealthPortClash: Hashable, Sendable, CustomStringConvertible {
  public let service: NamespacedName
  public let port: UInt16
  /// Service ports with this node port, ordered by name. Their rules take the load balancers' questions away.
  public let nodePorts: [ServicePortName]
  /// Other Services with this health-check node port, ordered by name. Only one server can listen on it.
  public let services: [NamespacedName]

  public var description: String {
    var parts = nodePorts.map { "node port of \($0)" }
    parts += services.map { "health-check node port of \($0)" }
    return "\(service): health-check node port \(port) is also \(parts.joined(separator: " and "))"
  }
}

/// Which Services have which node ports and health-check node ports. A change costs what changed.
///
/// The API server gives each port away once, but two API servers that were joined, a restored backup and manifests do not.
public struct HealthPortIndex: Sendable {
  private struct Entry: Sendable {
    var healthPort: UInt16?
    var nodePorts: [UInt16: ServicePortName] = [:]
  }

  private var entries: [NamespacedName: Entry] = [:]
  private var nodePorts: [UInt16: Set<ServicePortName>] = [:]
  private var healthPorts: [UInt16: Set<NamespacedName>] = [:]

  public init() {}

  public init(_ services: some Sequence<Service>) {
    for service in services { _ = set(service) }
  }

  /// Takes a Service in, new or changed. Returns the Services whose clashes may have changed.
  public mutating func set(_ service: Service) -> Set<NamespacedName> {
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

  /// Takes a Service out. Returns the Services whose clashes may have changed.
  public mutating func remove(_ service: NamespacedName) -> Set<NamespacedName> {
    guard let entry = entries.removeValue(forKey: service) else { return [service] }
    let touched = services(near: entry).union([service])
    for (number, name) in entry.nodePorts { nodePorts[number]?.remove(name) }
    if let port = entry.healthPort { healthPorts[port]?.remove(service) }
    return touched
  }

  /// Those that are known.
  public var services: Set<NamespacedName> { Set(entries.keys) }

  /// What else has the Service's health-check node port; nil if nothing does.
  public func clash(of service: NamespacedName) -> HealthPortClash? {
    guard let port = entries[service]?.healthPort else { return nil }
    let others = healthPorts[port, default: []].subtracting([service])
    let taken = nodePorts[port, default: []]
    if others.isEmpty && taken.isEmpty { return nil }
    return HealthPortClash(service: service, port: port, nodePorts: taken.sorted(), services: others.sorted())
  }

  /// All clashes that the Service has a part in, ordered by Service.
  public func clashes(with service: NamespacedName) -> [HealthPortClash] {
    guard let entry = entries[service] else { return [] }
    return services(near: entry).sorted().compactMap(clash)
  }

  private func services(near entry: Entry) -> Set<NamespacedName> {
    let numbers = Array(entry.nodePorts.keys) + (entry.healthPort.map { [$0] } ?? [])
    return numbers.reduce(into: []) { $0.formUnion(healthPorts[$1] ?? []) }
  }
}
