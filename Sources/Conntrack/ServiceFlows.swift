import ServiceModel

/// Everything that decides which flows of one family are stale. The sync loop updates this value Service by Service.
///
/// It holds only ports whose flows can be stale: UDP and SCTP, and also TCP if flushing TCP flows is enabled.
package struct ServiceFlows: Sendable, Equatable {
  package let family: IPFamily
  /// Local addresses on which node ports are open.
  package var nodePortAddresses: Set<IPAddress>
  /// Transport protocols whose flows are checked.
  package let transports: Set<TransportProtocol>
  private(set) var services: [NamespacedName: [ServicePortFlows]] = [:]
  /// Destinations that belonged to a Service until recently. Their translated flows are stale.
  private(set) var departed: Set<FlowDestination> = []

  package init(family: IPFamily, nodePortAddresses: Set<IPAddress> = [], flushTCP: Bool = false) {
    self.family = family
    self.nodePortAddresses = nodePortAddresses
    transports = flushTCP ? [.udp, .sctp, .tcp] : [.udp, .sctp]
  }

  /// Whether no flow can be stale. Then the conntrack table need not be read.
  package var isEmpty: Bool { services.isEmpty && departed.isEmpty }

  /// Transport protocols that at least one of the destinations uses, in a fixed order.
  var activeTransports: [TransportProtocol] {
    var active = Set(departed.map(\.transport))
    for ports in services.values { active.formUnion(ports.map(\.transport)) }
    return active.sorted()
  }

  /// Sets all ports of a Service. Returns whether that changed anything and a sweep is therefore needed.
  @discardableResult
  package mutating func set(_ service: NamespacedName, ports: some Sequence<ServicePortFlows>) -> Bool {
    let new = ports.filter { transports.contains($0.transport) }
    let old = services[service] ?? []
    guard new != old else { return false }
    services[service] = new.isEmpty ? nil : new
    departed.formUnion(Set(old.flatMap(\.destinations)).subtracting(new.flatMap(\.destinations)))
    return true
  }

  /// Sets a Service from its Kubernetes objects.
  @discardableResult
  package mutating func set(_ service: Service, slices: some Sequence<EndpointSlice>) -> Bool {
    let ports = service.ports.filter { transports.contains($0.name.transport) }
    let merge = EndpointMerge(ports.isEmpty ? [] : slices.filter { $0.family == family })
    return set(
      service.name, ports: ports.map { ServicePortFlows($0, of: service, family: family, endpoints: merge) })
  }

  /// Removes a Service. Its translated flows are stale from now on. Returns whether the Service had any ports here.
  @discardableResult
  package mutating func remove(_ service: NamespacedName) -> Bool { set(service, ports: []) }

  /// Returns the state to sweep now. It includes the departed destinations, which are then removed from this value.
  package mutating func takeSweep() -> ServiceFlows {
    defer { departed = [] }
    return self
  }

  /// Adds the departed destinations of an earlier state that was not swept.
  package mutating func adoptDeparted(of earlier: ServiceFlows) { departed.formUnion(earlier.departed) }
}
