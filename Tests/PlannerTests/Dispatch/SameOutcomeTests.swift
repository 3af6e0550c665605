import IPTables
import ServiceModel
import Testing

@testable import Planner

/// Neither the layout of dispatch chains nor the form of the rules for endpoints may change what happens to any packet.
/// Addresses: see `FamilyText`.
@Suite(.timeLimit(.minutes(5))) struct SameOutcomeTests {
  struct Layout: Sendable, CustomTestStringConvertible {
    let reason: String
    let size: Int
    var spread = 1
    var subnet: String?
    var testDescription: String { reason }
  }

  @Test(
    arguments: [
      Layout(reason: "cluster IPs one after the other", size: 260),
      Layout(reason: "cluster IPs far apart", size: 260, spread: 211),
      Layout(reason: "with a service subnet", size: 260, spread: 7, subnet: "10.200.0.0/16"),
      Layout(reason: "with a service subnet that some are outside of", size: 200, spread: 100, subnet: "10.200.0.0/17"),
      Layout(reason: "hardly more than a leaf", size: 34),
    ], IPFamily.allCases)
  func `all layouts and forms do the same to every packet`(_ layout: Layout, _ family: IPFamily) {
    let big = BigCluster(layout.size, spread: layout.spread)
    let walkers = DispatchMode.allCases.flatMap { dispatch in
      [EndpointRuleMode.chains, .compact].map { form in
        Walker(
          TestCluster(big.services, family, dispatch: dispatch, endpointRules: form) { options, text in
            options.serviceSubnets = layout.subnet.map { [text.cidr($0)] } ?? []
          })
      }
    }
    var seen: Set<String> = []
    for (number, destination) in (big.destinations + Self.nearMisses(big)).enumerated() {
      let client: Client = [.pod, .outside, .node, .endpoint][number % 4]
      let way = Way(client, destination.text, destination.transport, results: [])
      let results = walkers.map { $0.results(way) }
      for other in results.dropFirst() {
        #expect(Self.isSame(results[0], other), "\(client) \(destination.text): \(results[0]) and \(other)")
      }
      seen.formUnion(results[0].keys)
    }
    #expect(seen.isSuperset(of: ["rejected", "dropped", "untouched"]), "every kind of outcome was among them")
    #expect(seen.count > layout.size / 2)
  }

  /// Addresses and ports beside those of Services, and their ports with another protocol.
  private static func nearMisses(_ cluster: BigCluster) -> [BigCluster.Destination] {
    let own = cluster.destinations.enumerated().filter { $0.offset % 9 == 0 }.map(\.element)
    return own.flatMap { destination -> [BigCluster.Destination] in
      let parts = destination.text.split(separator: ":")
      let octets = parts[0].split(separator: ".")
      let neighbour = "\(octets[0]).\(octets[1]).\(octets[2]).\((Int(octets[3])! + 1) % 256):\(parts[1])"
      let other: TransportProtocol = destination.transport == .tcp ? .udp : .tcp
      return [
        .init(text: neighbour, transport: destination.transport),
        .init(text: "\(parts[0]):\(Int(parts[1])! + 1)", transport: destination.transport),
        .init(text: destination.text, transport: other),
        .init(text: "\(parts[0]):\(65535 - Int(parts[1])!)", transport: destination.transport),
      ]
    }
  }

  /// The kernel's resolution of a probability is 2^-31 for each choice.
  private static func isSame(_ left: [String: Double], _ right: [String: Double]) -> Bool {
    left.count == right.count && left.allSatisfy { abs((right[$0.key] ?? 0) / $0.value - 1) < 1e-6 }
  }
}

extension Way {
  init(_ client: Client, _ destination: String, _ transport: TransportProtocol, results: [String]) {
    self.client = client
    self.destination = destination
    self.transport = transport
    self.results = results
  }
}
