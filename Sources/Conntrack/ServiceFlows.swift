import ServiceModel

/// All that decides which flows of one family are stale: a value that the sync loop keeps up to date Service by Service.
///
/// Only ports whose flows can be stale are held: UDP and SCTP, and TCP where flushing it was asked for.
public struct ServiceFlows: Sendable, Equatable {
  public let family: IPFamily
  /// Local addresses on which node ports are open.
  public var nodePortAddresses: Set<IPAddress>
  /// Transport protocols whose flows are looked at.
  public let transports: Set<TransportProtocol>
  private(set) var services: [NamespacedName: [ServicePortFlows]] = [:]
  /// Destinations that belonged to a Service until lately; their translated flows are stale.
  private(set) var departed: Set<FlowDestination> = []

  public init(family: IPFamily, nodePortAddresses: Set<IPAddress> = [], flushTCP: Bool = false) {
    self.family = family
    self.nodePortAddresses = nodePortAddresses
    transports = flushTCP ? [.udp, .sctp, .tcp] : [.udp, .sctp]
  }

  /// Whether no flow can be stale, so that the table need not be read.
  public var isEmpty: Bool { services.isEmpty && departed.isEmpty }

  /// Transport protocols that any of the destinations has, in a fixed order.
  var activeTransports: [TransportProtocol] {
    var active = Set(departed.map(\.transport))
    for ports in services.values { active.formUnion(ports.map(\.transport)) }
    return active.sorted()
  }

  /// Sets all ports of a Service. Returns whether that changed anything, so that a sweep is due.
  @discardableResult
  public mutating func set(_ service: NamespacedName, ports: some Sequence<ServicePortFlows>) -> Bool {
    let new = ports.filter { transports.contains($0.transport) }
    let old = services[service] ?? []
    guard new != old else { return false }
    services[service] = new.isEmpty ? nil : new
    departed.formUnion(Set(old.flatMap(\.destinations)).subtracting(new.flatMap(\.destinations)))
    return true
  }

  /// Sets a Service from its objects.
  @discardableResult
  public mutating func set(_ service: Service, slices: some Sequence<EndpointSlice>) -> Bool {
    let ports = service.ports.filter { transports.contains($0.name.transport) }
    return set(
      service.name, ports: ports.map { ServicePortFlows($0, of: service, family: family, slices: slices) })
  }

  /// Forgets a Service; its translated flows are stale from now on. Returns whether it had any ports here.
  @discardableResult
  public mutating func remove(_ service: NamespacedName) -> Bool { set(service, ports: []) }

  /// What is to be swept now. Destinations that departed are handed over with it, and not told again.
  public mutating func takeSweep() -> ServiceFlows {
    defer { departed = [] }
    return self
  }

  /// Takes over destinations that departed in an earlier state that was not swept.
  public mutating func adoptDeparted(of earlier: ServiceFlows) { departed.formUnion(earlier.departed) }
}
