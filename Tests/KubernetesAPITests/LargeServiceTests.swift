import ServiceModel
import Testing

@testable import KubernetesAPI

/// Services that are as large as the API server stores them. It limits the bytes of an object, but neither its ports
/// nor its addresses.
@Suite(.timeLimit(.minutes(5))) struct LargeServiceTests {
  enum Part: CaseIterable {
    case ports, externalIPs, ingress

    func read(_ count: Int) throws -> DecodedObject {
      let numbers = 1...count
      switch self {
      case .ports:
        return try decode(
          service: spec("ports", numbers.map { #"{"name": "p\#($0)", "port": \#($0), "nodePort": \#($0)}"# }))
      case .externalIPs:
        return try decode(service: spec("externalIPs", numbers.map { "\"\(address($0))\"" }))
      case .ingress:
        let addresses = numbers.map { #"{"ip": "\#(address($0))"}"# }.joined(separator: ",")
        return try decode(service: spec("ports", []), status: #"{"loadBalancer": {"ingress": [\#(addresses)]}}"#)
      }
    }

    private func spec(_ field: String, _ items: [String]) -> String {
      let ports = field == "ports" && !items.isEmpty ? "" : #", "ports": [{"port": 80}]"#
      let list = items.isEmpty ? "" : #", "\#(field)": [\#(items.joined(separator: ","))]"#
      return #"{"type": "LoadBalancer", "clusterIP": "10.200.1.9"\#(ports)\#(list)}"#
    }

    private func address(_ number: Int) -> String { "198.51.\(number / 250).\(number % 250)" }

    func count(in object: DecodedObject) -> Int? {
      guard case .service(let service) = object.content else { return nil }
      switch self {
      case .ports: return service.ports.count
      case .externalIPs: return service.externalIPs.count
      case .ingress: return service.loadBalancerIPs.count
      }
    }
  }

  @Test(arguments: Part.allCases)
  func `a Service may have as many parts as fit in an object`(part: Part) throws {
    #expect(part.count(in: try part.read(40_000)) == 40_000)
  }
}
