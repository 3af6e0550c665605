import Applier
import IPTables
import KubeProxy
import KubernetesAPI
import Planner
import ServiceModel
import Time
import Watcher

/// The daemon's parts between the API server and iptables, for one family. It receives events and makes syncs.
struct Proxy: Sendable {
  let scenario: Scenario
  let cluster: ClusterState
  let applier: FamilyApplier

  /// - Parameter commands: nil for the iptables programs of the scenario's backend.
  init(_ scenario: Scenario, commands: (any IPTablesCommands)? = nil) {
    self.scenario = scenario
    cluster = ClusterState(
      families: [scenario.family], start: .epoch, flushTCP: false, options: { _, _ in scenario.options },
      localAddresses: { [] })
    applier = FamilyApplier(
      family: scenario.family, commands: commands ?? SystemIPTables(IPTablesPrograms(scenario.backend)))
  }

  /// Loads the whole cluster.
  func load() async throws {
    guard let manifests = scenario.manifests else {
      return await SyntheticCluster(scenario).forEachPage { _ = await cluster.apply($0) }
    }
    let contents = try ManifestLoader().load(manifests)
    _ = await cluster.apply([
      .replaceServices(contents.services), .replaceSlices(contents.slices), .replaceNodes(contents.nodes),
    ])
  }

  /// Plans the changes that are due; nil if there are none.
  func plan() async -> SyncWork? { await cluster.takeWork(scenario.family) }

  /// Plans and writes the changes that are due.
  @discardableResult
  func sync() async throws -> ApplyReport {
    guard let work = await plan() else { throw BenchmarkError.unusable("nothing was due") }
    return try await apply(work)
  }

  func apply(_ work: SyncWork) async throws -> ApplyReport {
    switch work.rules {
    case .full(let plan, _): try await applier.sync(full: plan)
    case .partial(let change): try await applier.sync(partial: change)
    }
  }
}
