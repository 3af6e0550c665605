import Glibc
import KubeProxy
import Planner
import ServiceModel
import Watcher

/// How long `connect` takes through the cluster IP of the first, the middle and the last Service, and through a Service
/// of one endpoint and one of many: with a dispatch chain as the scenario has it, and with a flat one.
///
/// Both are set up side by side and probed in turns, a few connections each, so that whatever else the machine does
/// hits all of them alike.
struct ConnectJob {
  let scenario: Scenario
  let rounds: Int

  static let manyEndpoints = 1000
  private static let connectionsInTurn = 10

  /// The Services that are connected to, by their numbers.
  private var targets: [(quantity: Quantity, service: Int)] {
    let middle = scenario.services / 2
    return [
      (.connectFirst, 0), (.connectMiddle, middle), (.connectLast, scenario.services - 1),
      (.connectOneEndpoint, middle + 1), (.connectManyEndpoints, middle + 2),
    ]
  }

  func run() async throws -> [Measurement] {
    guard scenario.manifests == nil, scenario.services >= 6 else {
      throw BenchmarkError.unusable("connecting is measured in synthetic clusters of at least 6 Services")
    }
    var sites: [ConnectSite] = []
    for variant in [scenario, scenario.with { $0.dispatch = .flat }] {
      let input = try await input(variant)
      sites.append(try OwnNamespace.run { try ConnectSite(variant, input) })
    }
    var samples = sites.map { _ in targets.map { _ in [Double]() } }
    for round in 0..<rounds {
      for turn in 0..<sites.count * targets.count {
        // Another order each round, so that nobody always follows the same neighbour.
        let place = (turn + round) % (sites.count * targets.count)
        let (site, target) = (place % sites.count, place / sites.count)
        let destination = SocketAddress(
          SyntheticCluster(scenario).clusterIP(targets[target].service), port: SyntheticCluster.servicePort)
        let times = try OwnNamespace.run(in: sites[site].namespace) {
          try (0..<ConnectJob.connectionsInTurn).map { _ in try sites[site].connect(destination) }
        }
        // The first of a turn pays for the new thread and cold caches.
        samples[site][target] += times.dropFirst()
      }
    }
    return zip(sites, samples).flatMap { site, samples in
      zip(targets, samples).map { Measurement($0.quantity, of: site.scenario, $1) }
    }
  }

  private func input(_ variant: Scenario) async throws -> MemoryFile {
    let recording = try RecordingCommands(variant.backend)
    let proxy = Proxy(variant, commands: recording)
    try await proxy.load()
    let many = SyntheticCluster(variant).slice(
      targets.last!.service, endpoints: max(variant.endpoints, ConnectJob.manyEndpoints))
    _ = await proxy.cluster.apply([.setSlice(many)])
    try await proxy.sync()
    return recording.input
  }
}
