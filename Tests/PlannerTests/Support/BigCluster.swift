import IPTables
import ServiceModel

@testable import Planner

/// Hundreds of Services of every kind. The number of a Service determines all its fields.
///
/// A third has node ports, a fifth shares the external IP 198.51.100.1 and a seventh the load balancer 203.0.113.1,
/// told apart by port; every eleventh has no endpoints, every thirteenth none on this node with policy Local.
struct BigCluster {
  let services: [TestService]

  init(_ count: Int, spread: Int = 1) {
    services = (0..<count).map { BigCluster.service($0, place: $0 * spread) }
  }

  /// - Parameter place: the cluster IP's offset.
  static func service(_ number: Int, place: Int) -> TestService {
    let port = UInt16(1000 + number)
    let transport = TransportProtocol.allCases[number % 11 % 3]
    let nodePort = number % 3 == 0 ? UInt16(30000 + number % 2768) : nil
    return TestService(
      name: "s\(number)", clusterIP: "10.200.\(place / 256 % 256).\(place % 256)",
      ports: [TestPort(transport: transport, port: port, target: 8080, nodePort: nodePort)],
      externalIPs: number % 5 == 0 ? ["198.51.100.1"] : [], ingress: number % 7 == 0 ? ["203.0.113.1"] : [],
      sourceRanges: number % 14 == 0 ? ["192.0.2.0/24"] : [], affinity: number % 17 == 0 ? 60 : nil,
      external: number % 13 == 0 ? .local : .cluster, endpoints: endpoints(number))
  }

  private static func endpoints(_ number: Int) -> [String] {
    if number % 11 == 0 { return [] }
    if number % 13 == 0 { return ["10.10.2.\(number % 200 + 1)"] }
    if number == 8 { return (1...70).map { "10.10.2.\($0)" } }
    return (0...number % 3).map { "10.10.\($0 + 1).\(number % 200 + 1)" }
  }

  /// Every address and port that leads to a Service.
  var destinations: [Destination] {
    services.flatMap { service -> [Destination] in
      let port = service.ports[0]
      let addresses = [service.clusterIP] + service.externalIPs + service.ingress
      let nodePort = port.nodePort.map { ["172.18.0.3:\($0)", "172.18.0.9:\($0)"] } ?? []
      return (addresses.map { "\($0):\(port.port)" } + nodePort)
        .map { Destination(text: $0, transport: port.transport) }
    }
  }

  struct Destination {
    let text: String
    let transport: TransportProtocol
  }
}
