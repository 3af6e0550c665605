import Mutations
import ServiceModel
import Time

@testable import StateFile

/// States with random values in every field of every object. The same seed gives the same state.
struct RandomState {
  private var random: Mutator

  init(seed: UInt64) { random = Mutator(seed: seed) }

  static let cluster = ClusterIdentity(server: "https://192.0.2.1:6443", certificateAuthority: Array("PEM".utf8))

  mutating func state(services count: Int = 12) -> SavedState {
    var snapshot = ClusterSnapshot()
    for index in 0..<count {
      let name = NamespacedName(namespace: "team-\(index % 3)", name: "service-\(index)")!
      // Slices can be there before their Service.
      if index % 5 != 4 { snapshot.set(service(name)) }
      for number in 0..<pick(0...3) {
        let text = chance() ? "\(name.name)-\(number)" : "other-\(index)-\(number)"
        snapshot.set(slice(NamespacedName(namespace: name.namespace, name: text)!, of: name))
      }
    }
    if chance() { snapshot.set(node("node-a")) }
    snapshot.serviceCIDRs = Set(list(0...2) { $0.block() })
    let header = StateHeader(
      cluster: RandomState.cluster, nodeName: "node-a", asOf: time(),
      resourceVersions: chance() ? ["services": "81423", "nodes": "7"] : [:])
    return SavedState(header: header, snapshot: snapshot)
  }

  private mutating func node(_ name: String) -> Node {
    Node(
      name: name, zone: chance() ? "zone-a" : nil, addresses: list(0...2) { $0.address() },
      podCIDRs: list(0...2) { $0.block() }, isBeingDeleted: chance(), uid: chance() ? "5f0c" : "")
  }

  private mutating func service(_ name: NamespacedName) -> Service {
    var service = Service(
      name: name, type: [.clusterIP, .nodePort, .loadBalancer][pick(0...2)],
      clusterIPs: chance() ? [address(.ipv4)] : [address(.ipv6), address(.ipv4)],
      externalIPs: list(0...2) { $0.address() }, loadBalancerIPs: list(0...2) { $0.address() },
      loadBalancerSourceRanges: list(0...3) { $0.block() }, ports: [],
      affinityTimeout: chance() ? pick(1...86400) : nil, internalTrafficPolicy: chance() ? .local : .cluster,
      externalTrafficPolicy: chance() ? .local : .cluster, healthCheckNodePort: chance() ? port() : nil)
    service.hasUnreadableSourceRanges = chance()
    service.ports = list(0...4) { random in
      Service.Port(
        name: ServicePortName(service: name, port: random.portName(), transport: random.transport())!,
        port: random.port(), nodePort: random.chance() ? random.port() : nil)
    }
    keepValid(&service)
    if chance() { service.remarks = ["spec.type: \u{e9} is odd", ""] }
    return service
  }

  /// Leaves out what the API's reader leaves out too.
  private func keepValid(_ service: inout Service) {
    var names: Set<String> = []
    service.ports = service.ports.filter { names.insert($0.name.port).inserted }
    if service.type == .clusterIP {
      for index in service.ports.indices { service.ports[index].nodePort = nil }
      if service.externalIPs.isEmpty { service.externalTrafficPolicy = .cluster }
    }
    if service.type != .loadBalancer || service.externalTrafficPolicy == .cluster { service.healthCheckNodePort = nil }
  }

  private mutating func slice(_ name: NamespacedName, of service: NamespacedName) -> EndpointSlice {
    let family: IPFamily = chance() ? .ipv4 : .ipv6
    var slice = EndpointSlice(
      name: name, service: service, family: family,
      ports: list(0...3) { .init(name: $0.portName(), transport: $0.transport(), port: $0.port()) },
      endpoints: list(0...5) { $0.endpoint(family) }, lastChangeTriggerTime: chance() ? time() : nil)
    if chance() { slice.remarks = ["endpoints[3] is left out"] }
    return slice
  }

  private mutating func time() -> WallTime { WallTime(nanosecondsSince1970: Int64(truncatingIfNeeded: random.next())) }

  private mutating func endpoint(_ family: IPFamily) -> Endpoint {
    Endpoint(
      address: address(family), conditions: Endpoint.Conditions(rawValue: UInt8(pick(0...7))),
      nodeName: chance() ? "node-\(pick(0...3))" : nil, zoneHints: chance() ? ["zone-a", "zone-b"] : [],
      nodeHints: chance() ? ["node-1", ""] : [])
  }

  private mutating func address() -> IPAddress { address(chance() ? .ipv4 : .ipv6) }

  /// 10.0.0.0/8 or fd00::/16.
  private mutating func address(_ family: IPFamily) -> IPAddress {
    family == .ipv4
      ? IPAddress(family: .ipv4, bits: 0x0a00_0001 + UInt128(pick(0...0xff_fff0)))
      : IPAddress(family: .ipv6, bits: 0xfd00 << 112 | UInt128(random.next()) << 32 | 1)
  }

  private mutating func block() -> CIDR {
    let address = address()
    return CIDR(address, prefixLength: pick(0...address.family.addressBits))!
  }

  private mutating func portName() -> String { ["", "http", "dns-tcp"][pick(0...2)] }
  private mutating func transport() -> TransportProtocol { TransportProtocol.allCases[pick(0...2)] }
  private mutating func port() -> UInt16 { UInt16(pick(1...65535)) }
  private mutating func chance() -> Bool { pick(0...1) == 1 }
  private mutating func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

  private mutating func list<Element>(
    _ range: ClosedRange<Int>, _ make: (inout RandomState) -> Element
  ) -> [Element] {
    let count = pick(range)
    return (0..<count).map { _ in make(&self) }
  }
}
