import Applier
import IPTables
import KubeProxy
import Planner
import ServiceModel
import System
import Time
import Watcher

/// Changes of one Service in an existing cluster. Between them, plain iptables-restore writes that Service's own
/// chains, so that a change of the machine's speed affects both.
struct ChangesJob {
  let scenario: Scenario
  let repetitions: Int
  let besideKubeProxy: Bool

  func run() async throws -> [Measurement] {
    guard scenario.manifests == nil else { throw BenchmarkError.unusable("changes need a synthetic cluster") }
    // kube-proxy's change replaces chains of the Service, so the tables must have kube-proxy's form of endpoints.
    let proxy = Proxy(besideKubeProxy ? scenario.with { $0.endpointRules = .chains } : scenario)
    try await proxy.load()
    // Rules change their form when a cluster gets its 1,001st endpoint. This job does not measure that.
    if abs(scenario.services * scenario.endpoints - ServicePlanner.largeClusterThreshold) < 200 {
      let synthetic = SyntheticCluster(scenario)
      let filler = scenario.services + repetitions
      _ = await proxy.cluster.apply([
        .setService(synthetic.service(filler)), .setSlice(synthetic.slice(filler, endpoints: 400)),
      ])
    }
    try await proxy.sync()
    var session = ChangeSession(proxy: proxy)
    if besideKubeProxy { try await session.becomeKubeProxy() }
    for round in 0..<repetitions { try await session.round(round, besideKubeProxy: besideKubeProxy) }
    if !besideKubeProxy { try await session.bursts() }
    return session.measurements(of: scenario)
  }
}

/// A cluster while it is measured.
private struct ChangeSession {
  let proxy: Proxy
  let synthetic: SyntheticCluster
  private var samples: [Quantity: [Double]] = [:]

  var scenario: Scenario { proxy.scenario }

  init(proxy: Proxy) {
    self.proxy = proxy
    synthetic = SyntheticCluster(proxy.scenario)
  }

  /// - Parameter measured: the scenario that the results are for.
  func measurements(of measured: Scenario) -> [Measurement] {
    samples.sorted { $0.key.rawValue < $1.key.rawValue }.map { Measurement($0.key, of: measured, $0.value) }
  }

  /// Makes each kind of change once. Each round uses another Service.
  mutating func round(_ round: Int, besideKubeProxy: Bool) async throws {
    let old = (round * 7919 + 13) % scenario.services
    let new = scenario.services + round
    let count = scenario.endpoints
    if besideKubeProxy { return try await kubeProxyRound(old) }
    try await measure(.addEndpoint, [.setSlice(synthetic.slice(old, endpoints: count + 1))])
    try await floor(of: old)
    try await measure(.removeEndpoint, [.setSlice(synthetic.slice(old))])
    try await measure(.replaceEndpoint, [.setSlice(replacedOne(old))])
    try await measure(.addService, [.setService(synthetic.service(new)), .setSlice(synthetic.slice(new))])
    try await floor(of: new)
    try await measure(
      .removeService, [.removeSlice(synthetic.slice(new).name), .removeService(synthetic.name(new))])
  }

  /// A rolling update: replaces 1,000 endpoints, of as many Services as needed, then restores them and replaces them
  /// again.
  mutating func bursts() async throws {
    let count = min(scenario.services, max(1, 1000 / max(1, scenario.endpoints)))
    for generation in [1, 0, 1] {
      try await measure(
        .burst, own: .burstOwnWork, (0..<count).map { .setSlice(synthetic.slice($0, generation: generation)) })
    }
  }

  private func replacedOne(_ number: Int) -> EndpointSlice {
    var slice = synthetic.slice(number)
    if !slice.endpoints.isEmpty { slice.endpoints[0].address = synthetic.endpointAddress(number, 900) }
    return slice
  }

  /// Measures from the event to the kernel's answer.
  private mutating func measure(
    _ quantity: Quantity, own: Quantity = .changeOwnWork, _ events: [ClusterEvent]
  ) async throws {
    var watch = Stopwatch()
    _ = await proxy.cluster.apply(events)
    guard let work = await proxy.plan() else { throw BenchmarkError.unusable("a change went unnoticed") }
    let planned = watch.lap()
    let report = try await proxy.apply(work)
    let applied = watch.lap()
    samples[quantity, default: []].append(planned + applied)
    samples[own, default: []].append(planned + report.ownTime.inSeconds)
  }

  private mutating func floor(of number: Int) async throws {
    let chains = try await ownChains(of: number)
    samples[.ownChainsRestore, default: []].append(try PlainRestore.run(scenario, try input(chains)).time)
  }

  private func ownChains(of number: Int) async throws -> [Chain] {
    var snapshot = ClusterSnapshot()
    let all = await proxy.cluster.snapshot
    snapshot.set(all.services[synthetic.name(number)]!)
    for slice in all.slices(of: synthetic.name(number), family: scenario.family) { snapshot.set(slice) }
    let planner = ServicePlanner(options: scenario.options, isLargeCluster: scenario.isLarge)
    let service = snapshot.services[synthetic.name(number)]!
    return planner.plan(service, slices: snapshot.slices(of: service.name, family: scenario.family)).flatMap(\.chains)
  }

  /// The input in the order that takes iptables-restore the least time.
  private func input(_ chains: [Chain]) throws -> MemoryFile {
    var renderer = Renderer()
    renderer.begin(.nat)
    let ordered = chains.sorted { $0.name > $1.name }
    for chain in ordered { renderer.declare(chain.name) }
    for chain in ordered {
      for rule in chain.rules { renderer.append(rule, to: chain.name) }
    }
    renderer.commit()
    return try MemoryFile("own chains", holding: renderer.take())
  }

  /// Replaces the proxy's dispatch chains by flat ones, in the same tables.
  mutating func becomeKubeProxy() async throws {
    let input = try KubeProxyStyle(scenario, await proxy.cluster.snapshot).change(of: [])
    _ = try PlainRestore.run(scenario, input)
  }

  private mutating func kubeProxyRound(_ number: Int) async throws {
    let chains = try await ownChains(of: number)
    let style = KubeProxyStyle(scenario, await proxy.cluster.snapshot)
    let change = try style.change(of: Set(chains.map(\.name)))
    samples[.kubeProxyChange, default: []].append(try PlainRestore.run(scenario, change).time)
  }
}

extension Scenario {
  /// Whether kube-proxy leaves out comments in this cluster.
  var isLarge: Bool { services * endpoints >= ServicePlanner.largeClusterThreshold }
}
