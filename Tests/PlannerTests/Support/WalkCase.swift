import IPTables
import RuleAnalysis
import ServiceModel
import Testing

@testable import Planner

/// Who sends a packet.
enum Client: Sendable {
  /// A pod on this node.
  case pod
  /// A pod on another node.
  case remotePod
  /// The pod 10.10.1.5, which is an endpoint in most tests.
  case endpoint
  /// A process on this node, from its own address or over loopback.
  case node, loopback
  /// A host that is no part of the cluster.
  case outside
  /// A process on this node that has this address.
  case nodeAddress(String)

  var source: String {
    switch self {
    case .pod: "10.10.1.99"
    case .remotePod: "10.10.2.99"
    case .endpoint: "10.10.1.5"
    case .node: "172.18.0.3"
    case .loopback: "127.0.0.1"
    case .outside: "192.0.2.9"
    case .nodeAddress(let address): address
    }
  }

  var origin: Packet.Origin {
    switch self {
    case .pod, .endpoint: .interface("veth7")
    case .remotePod, .outside: .interface("eth0")
    case .node, .loopback, .nodeAddress: .host
    }
  }
}

/// A packet and its possible results, all equally likely.
struct Way: Sendable {
  let client: Client
  let destination: String
  let transport: TransportProtocol
  let results: [String]

  /// - Parameters:
  ///   - destination: `ADDRESS:PORT`.
  ///   - results: an endpoint, `ENDPOINT masqueraded`, `rejected`, `dropped`, or `untouched`.
  init(_ client: Client, _ destination: String, _ transport: TransportProtocol = .tcp, _ results: String...) {
    self.client = client
    self.destination = destination
    self.transport = transport
    self.results = results
  }
}

/// Services, and ways of packets through all of a node's rules. Addresses: see `FamilyText`.
struct WalkCase: Sendable, CustomTestStringConvertible {
  let reason: String
  let services: [TestService]
  let configure: RuleCase.Configure
  let ways: [Way]
  var testDescription: String { reason }

  init(
    _ reason: String, _ services: TestService..., configure: @escaping RuleCase.Configure = { _, _ in }, ways: [Way]
  ) {
    self.reason = reason
    self.services = services
    self.configure = configure
    self.ways = ways
  }

  func check(
    _ family: IPFamily, _ dispatch: DispatchMode, localAddresses: [String] = [],
    _ location: SourceLocation = #_sourceLocation
  ) {
    for endpointRules in [EndpointRuleMode.chains, .compact] {
      let cluster = TestCluster(services, family, dispatch: dispatch, endpointRules: endpointRules, configure)
      check(cluster, localAddresses: localAddresses, location)
    }
  }

  private func check(_ cluster: TestCluster, localAddresses: [String], _ location: SourceLocation) {
    let walker = Walker(cluster, localAddresses: localAddresses)
    let form = cluster.options.endpointRules
    for way in ways {
      let expected = Dictionary(
        way.results.map { (cluster.text($0), 1 / Double(way.results.count)) }, uniquingKeysWith: +)
      let actual = walker.results(way)
      let isSame =
        Set(actual.keys) == Set(expected.keys)
        && expected.allSatisfy { abs((actual[$0.key] ?? 0) / $0.value - 1) < 1e-6 }
      #expect(
        isSame, "\(form): \(way.client) to \(way.destination): \(actual), expected \(expected)",
        sourceLocation: location)
    }
  }
}

/// Sends packets through the rules of a cluster.
struct Walker {
  let text: FamilyText
  let walk: PacketWalk

  init(_ cluster: TestCluster, localAddresses: [String] = [], recent: [ChainName: Set<IPAddress>] = [:]) {
    text = cluster.text
    let local = (["172.18.0.3", "172.18.0.9", "10.10.1.1"] + localAddresses).map(text.address)
    walk = PacketWalk(rules: RuleSet(cluster.plan), host: WalkHost(localAddresses: Set(local), recent: recent))
  }

  func packet(_ way: Way) -> Packet {
    Packet(
      from: text.address(way.client.source), to: text.socket(way.destination), way.transport, origin: way.client.origin)
  }

  /// What happens to a packet, with the probability of each.
  func results(_ way: Way) -> [String: Double] {
    Dictionary(walk.outcomes(of: packet(way)).map { (Self.text($0), $0.probability) }, uniquingKeysWith: +)
  }

  static func text(_ outcome: WalkOutcome) -> String {
    let isMasqueraded = outcome.source == .masqueraded ? " masqueraded" : ""
    return switch outcome.verdict {
    case .delivered: (outcome.isTranslated ? outcome.destination.description : "untouched") + isMasqueraded
    case .rejected: "rejected"
    case .dropped: "dropped"
    case .undecided(let doubt): "undecided: \(doubt)"
    }
  }
}
