import Applier
import ServiceModel
import Watcher

/// A cluster with any number of similar Services, with the objects that an API server would send.
///
/// Service N has the address 10.96.0.0 + N + 1 or fd00:96::N + 1, port 80, and endpoints in 10.128.0.0/9 or
/// fd00:10::/32 on port 8080, each Service in one slice.
struct SyntheticCluster: Sendable {
  let family: IPFamily
  let services: Int
  let endpoints: Int
  let mix: ServiceMix

  init(_ scenario: Scenario) {
    family = scenario.family
    services = scenario.services
    endpoints = scenario.endpoints
    mix = scenario.mix
  }

  static let nodeName = "node-0"
  static let endpointPort: UInt16 = 8080
  static let servicePort: UInt16 = 80

  /// Passes all objects on in lists of the size of a page, so that the whole cluster never exists twice in memory.
  func forEachPage(_ body: ([ClusterEvent]) async throws -> Void) async rethrows {
    try await body([.replaceServices([]), .replaceSlices([]), .replaceNodes([])])
    let page = 500
    for first in stride(from: 0, to: services, by: page) {
      let numbers = first..<min(first + page, services)
      try await body(numbers.flatMap { [.setService(service($0)), .setSlice(slice($0))] })
    }
  }

  func name(_ number: Int) -> NamespacedName {
    NamespacedName(namespace: "bench-\(number % 20)", name: "service-\(number)")!
  }

  func clusterIP(_ number: Int) -> IPAddress {
    family == .ipv4
      ? IPAddress(family: .ipv4, bits: 0x0a60_0001 + UInt128(number))
      : IPAddress(family: .ipv6, bits: 0xfd00_0096 << 96 | UInt128(number + 1))
  }

  func endpointAddress(_ service: Int, _ number: Int) -> IPAddress {
    // Services are 1,024 addresses apart. In 23 bits the addresses wrap around. This is no error, because endpoints of
    // two Services may be the same pod.
    let offset = UInt128(service) << 10 | UInt128(number + 2)
    return family == .ipv4
      ? IPAddress(family: .ipv4, bits: 0x0a80_0000 | (offset * 3 & 0x7f_ffff))
      : IPAddress(family: .ipv6, bits: 0xfd00_0010 << 96 | offset)
  }

  func service(_ number: Int) -> Service {
    let name = name(number)
    let portName = ServicePortName(service: name, port: "", transport: .tcp)!
    var service = Service(
      name: name, clusterIPs: [clusterIP(number)],
      ports: [Service.Port(name: portName, port: SyntheticCluster.servicePort)])
    guard mix == .mixed, number % 20 < 4 else { return service }
    // The range of node ports has 2,768 ports. If there are more Services, the others have only a cluster IP.
    let nodePort = 30000 + number / 20 * 4 + number % 20
    guard nodePort <= 32767 else { return service }
    service.type = .nodePort
    service.ports[0].nodePort = UInt16(nodePort)
    if number % 20 == 0 {
      service.type = .loadBalancer
      service.loadBalancerIPs = [
        family == .ipv4
          ? IPAddress(family: .ipv4, bits: 0xc633_6400 + UInt128(number / 20))
          : IPAddress(family: .ipv6, bits: 0x2001_0db8 << 96 | UInt128(number / 20 + 1))
      ]
      service.loadBalancerSourceRanges = [CIDR(family == .ipv4 ? "192.0.2.0/24" : "2001:db8:1::/48")!]
      service.affinityTimeout = 10800
    }
    return service
  }

  /// The slice of a Service, with another number of endpoints than the other Services have, or with other endpoints.
  ///
  /// - Parameter generation: 0 for the initial endpoints.
  func slice(_ number: Int, endpoints count: Int? = nil, generation: Int = 0) -> EndpointSlice {
    let service = name(number)
    return EndpointSlice(
      name: NamespacedName(namespace: service.namespace, name: service.name + "-slice")!, service: service,
      family: family, ports: [EndpointSlice.Port(name: "", port: SyntheticCluster.endpointPort)],
      endpoints: (0..<(count ?? endpoints)).map { index in
        Endpoint(
          address: endpointAddress(number, index + generation * 500), nodeName: index % 50 == 0 ? "node-0" : "node-1")
      })
  }
}
