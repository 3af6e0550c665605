import Glibc
import KubeProxy
import Planner
import ServiceModel
import System
import Watcher

/// How long `connect` takes: through the cluster IP of the first, the middle and the last Service, through a Service
/// with one endpoint and one with many, through the same number of Services in turn, and directly to an endpoint.
///
/// The targets are probed in turns, with a few connections each, so that other load on the machine affects all of them
/// equally. The namespace has no other rules, because a packet that passes long chains evicts data that later packets
/// need from the processor's caches.
struct ConnectJob {
  let scenario: Scenario
  let rounds: Int

  static let manyEndpoints = 1000
  private static let connectionsInTurn = 10

  /// The destination of the connections: one address, or several in turn.
  private struct Target {
    let quantity: Quantity
    let destinations: [SocketAddress]
  }

  private var cluster: SyntheticCluster { SyntheticCluster(scenario) }
  private var manyNumber: Int { scenario.services / 2 + 2 }

  private var targets: [Target] {
    let middle = scenario.services / 2
    let services: [(Quantity, Int)] = [
      (.connectFirst, 0), (.connectMiddle, middle), (.connectLast, scenario.services - 1),
      (.connectOneEndpoint, middle + 1), (.connectManyEndpoints, manyNumber),
    ]
    func through(_ number: Int) -> SocketAddress {
      SocketAddress(cluster.clusterIP(number), port: SyntheticCluster.servicePort)
    }
    // If all connections go to one endpoint, its rules and flows stay in the processor's caches. If they go to many
    // endpoints, they do not. So the choice among many endpoints is compared with connections to the same number of
    // endpoints without a choice.
    let many = min(scenario.services, ConnectJob.manyEndpoints)
    // The Services are spread over the cluster. The prime number separates neighbours, whose rules lie together in
    // memory.
    let others = (0..<many).map { $0 * 7919 % many * scenario.services / many }.filter { $0 != manyNumber }
    let endpoint = SocketAddress(cluster.endpointAddress(manyNumber, 0), port: SyntheticCluster.endpointPort)
    return services.map { Target(quantity: $0, destinations: [through($1)]) } + [
      Target(quantity: .connectManyServices, destinations: others.map(through)),
      Target(quantity: .connectDirectly, destinations: [endpoint]),
    ]
  }

  func run() async throws -> [Measurement] {
    guard scenario.manifests == nil, scenario.services >= 6 else {
      throw BenchmarkError.unusable("connecting is measured in synthetic clusters of at least 6 Services")
    }
    let input = try await input()
    let targets = targets
    let samples = try OwnNamespace.run { try probe(targets, at: try ConnectSite(scenario, input)) }
    return zip(targets, samples).map { Measurement($0.quantity, of: scenario, $1) }
  }

  /// The seconds that each connection took, for each target.
  private func probe(_ targets: [Target], at site: ConnectSite) throws -> [[Double]] {
    var samples = targets.map { _ in [Double]() }
    for round in 0..<rounds {
      for place in targets.indices {
        let destinations = targets[place].destinations
        let times = try (0..<ConnectJob.connectionsInTurn).map { number in
          try site.connect(destinations[(round * ConnectJob.connectionsInTurn + number) % destinations.count])
        }
        // The first connection of a turn finds the caches as the previous target left them, so it is not counted.
        samples[place] += times.dropFirst()
      }
    }
    return samples
  }

  private func input() async throws -> [MemoryFile] {
    let recording = RecordingCommands(scenario.backend)
    let proxy = Proxy(scenario, commands: recording)
    try await proxy.load()
    let many = cluster.slice(manyNumber, endpoints: max(scenario.endpoints, ConnectJob.manyEndpoints))
    _ = await proxy.cluster.apply([.setSlice(many)])
    try await proxy.sync()
    return recording.input
  }
}
