import Applier
import IPTables
import KubeProxy
import Planner
import ServiceModel
import System
import Testing
import Watcher

@testable import Benchmark

/// Clusters to measure. Addresses: see `SyntheticCluster`.
@Suite(.timeLimit(.minutes(5))) struct ClusterTests {
  private static func scenario(_ family: IPFamily, _ mix: ServiceMix, services: Int = 120) -> Scenario {
    Scenario(backend: .nft, family: family, services: services, endpoints: 3, mix: mix)
  }

  private func snapshot(_ scenario: Scenario) async -> ClusterSnapshot {
    var store = SnapshotStore()
    await SyntheticCluster(scenario).forEachPage { _ = store.apply($0) }
    return store.snapshot
  }

  @Test(arguments: IPFamily.allCases, ServiceMix.allCases)
  func `a cluster has what was asked for, each thing once`(_ family: IPFamily, _ mix: ServiceMix) async {
    let scenario = Self.scenario(family, mix, services: 1200)
    let snapshot = await snapshot(scenario)
    #expect(snapshot.services.count == 1200)
    #expect(Set(snapshot.services.values.flatMap(\.clusterIPs)).count == 1200)
    let nodePorts = snapshot.services.values.flatMap { $0.ports.compactMap(\.nodePort) }
    #expect(Set(nodePorts).count == nodePorts.count)
    #expect(nodePorts.count == (mix == .mixed ? 240 : 0))
    #expect(nodePorts.allSatisfy { (30000...32767).contains($0) })
    let slices = snapshot.slices.values.flatMap(\.values)
    #expect(slices.count == 1200)
    #expect(slices.allSatisfy { Set($0.endpoints.map(\.address)).count == 3 })
  }

  @Test(arguments: IPFamily.allCases)
  func `another generation has no endpoint of the one before`(_ family: IPFamily) {
    let cluster = SyntheticCluster(Self.scenario(family, .clusterIP))
    let old = Set(cluster.slice(7).endpoints.map(\.address))
    #expect(old.isDisjoint(with: cluster.slice(7, generation: 1).endpoints.map(\.address)))
  }

  @Test(arguments: IPFamily.allCases, ServiceMix.allCases)
  func `the benchmark's text in kube-proxy's style has the planned rules`(_ family: IPFamily, _ mix: ServiceMix)
    async throws
  {
    let scenario = Self.scenario(family, mix)
    let snapshot = await snapshot(scenario)
    let text = try KubeProxyStyle(scenario, snapshot).fullSync().text()
    let flat = scenario.with { $0.dispatch = .flat }
    var written = try RuleSet(family: family, restoring: text)
    var planned = RuleSet(ClusterPlan(options: flat.options, snapshot: snapshot))
    for table in Table.allCases {
      for chain in ChainName.builtIn(table) {
        // Built-in chains are there without being declared.
        if written[table, chain] == [] { written[table, chain] = nil }
        if planned[table, chain] == [] { planned[table, chain] = nil }
      }
    }
    #expect(written.tables == planned.tables)
    #expect(text.split(separator: "\n").count { $0 == "COMMIT" } == Table.allCases.count)
    for table in text.split(separator: "COMMIT\n") {
      let lines = table.split(separator: "\n")
      let lastDeclaration = lines.lastIndex { $0.hasPrefix(":") } ?? 0
      let firstRule = lines.firstIndex { $0.hasPrefix("-A") } ?? lines.count
      #expect(lastDeclaration < firstRule)
    }
  }

  @Test(arguments: IPFamily.allCases)
  func `recorded input is the whole plan`(_ family: IPFamily) async throws {
    let scenario = Self.scenario(family, .clusterIP)
    let recording = RecordingCommands(.nft)
    let proxy = Proxy(scenario, commands: recording)
    try await proxy.load()
    try await proxy.sync()
    let written = try RuleSet(family: family, restoring: try recording.input.map { try $0.text() }.joined())
    let planned = RuleSet(ClusterPlan(options: scenario.options, snapshot: await proxy.cluster.snapshot))
    for table in Table.allCases { #expect(written.chains(of: table) == planned.chains(of: table)) }
  }
}
