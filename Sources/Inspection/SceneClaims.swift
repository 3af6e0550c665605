import IPTables
import Planner
import RuleAnalysis
import ServiceModel

extension Scene {
  /// The Service address at this destination; nil if no rule leads to a Service there.
  func subject(_ destination: SocketAddress, _ transport: TransportProtocol) -> ServiceAddress? {
    let found = index.addresses.filter { isMeant($0, destination, transport) }
    return found.first { $0.address != nil } ?? found.first
  }

  /// All claims of Services to this destination, from the rules and from the objects. Claims to this address come
  /// first, then node ports if it is an address of this host.
  func claims(_ destination: SocketAddress, _ transport: TransportProtocol) -> [ServiceAddress] {
    var found: Set<ServiceAddress> = []
    for service in snapshot?.services.values.map({ $0 }) ?? [] where options?.isPlanned(service) ?? true {
      for address in ServiceAddress.all(of: service, family) where isMeant(address, destination, transport) {
        if address.kind != .externalIP || options?.ignoreExternalIPs != true { found.insert(address) }
      }
    }
    // A rule that refuses does not show the kind of its address. The object shows it.
    let known = Set(found.map { Place(label: $0.label, address: $0.address) })
    for address in index.addresses where isMeant(address, destination, transport) {
      guard address.kind != .healthCheckNodePort else { continue }
      if !known.contains(Place(label: address.label, address: address.address)) { found.insert(address) }
    }
    let sorted = found.sorted()
    return sorted.filter { $0.address != nil } + sorted.filter { $0.address == nil }
  }

  private struct Place: Hashable {
    let label: ServiceLabel
    let address: IPAddress?
  }

  private func isMeant(
    _ address: ServiceAddress, _ destination: SocketAddress, _ transport: TransportProtocol
  ) -> Bool {
    guard address.port == destination.port, address.transport == transport else { return false }
    return address.address.map { $0 == destination.address } ?? host.isLocal(destination.address)
  }

  /// The clash of these claims in planned rules; nil if no objects are known or planned rules do not clash.
  func plannedClash(of claims: [ServiceAddress]) -> AddressClash? {
    guard let options, let snapshot else { return nil }
    var part = ClusterSnapshot()
    for name in Set(claims.map(\.label.service)) {
      guard let service = snapshot.services[name] else { continue }
      part.set(service)
      for slice in (snapshot.slices[name] ?? [:]).values { part.set(slice) }
    }
    let clashes = ClusterPlan(options: options, snapshot: part).clashes
    for claim in claims {
      let place = ClaimedAddress(claim.address, port: claim.port, claim.transport)
      if let clash = clashes.first(where: { $0.address == place }) { return clash }
    }
    return nil
  }
}

extension PlannerOptions {
  /// A Service without a cluster IP in the family gets no rules in it.
  fileprivate func isPlanned(_ service: Service) -> Bool { service.clusterIPs.contains { $0.family == family } }
}
