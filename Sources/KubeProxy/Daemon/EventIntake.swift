import Configuration
import Health
import KubernetesAPI
import Logging
import ServiceModel
import Time
import Watcher

/// Applies the events of the source to the cluster state and reports that rules may have to change.
struct EventIntake: Sendable {
  let channel: ClusterEventChannel
  let cluster: ClusterState
  let nodeName: String
  let health: HealthMonitor
  let metrics: ProxyMetrics
  let warnings: SubnetWarnings
  let healthPorts: HealthPortWarnings
  let presence: NodePresence
  /// nil if the state is not kept in a file.
  let lastKnown: LastKnownState?
  /// Called once with the own Node when everything is listed; nil if the Node does not exist.
  let listed: @Sendable (Node?) -> Void
  /// Called for every change of the own Node; nil if it was deleted. Throws to end the process.
  let nodeChanged: @Sendable (Node?) throws -> Void
  /// Called for every change from the moment on when enough is known to write rules. The first call may come without a
  /// change.
  let due: @Sendable (_ change: SnapshotChange, _ isFirst: Bool) -> Void

  /// Runs until the channel is finished or the task is cancelled.
  func run() async throws {
    var wasListed = false
    var wasComplete = false
    while case let events = await channel.next(), !events.isEmpty {
      let change = await cluster.apply(events)
      if change.standIn == .began { lastKnown?.cameIntoForce() }
      metrics.serviceChanges(change.serviceChanges)
      metrics.endpointChanges(change.sliceChanges)
      await warnings.check(events, change, in: cluster)
      healthPorts.check(events)
      if change.nodes {
        let node = await cluster.snapshot.nodes[nodeName]
        health.setNode(node)
        try nodeChanged(node)
      }
      if await cluster.isListed {
        let nodes = await cluster.snapshot.nodes
        presence.update(nodes)
        if !wasListed {
          listed(nodes[nodeName])
          lastKnown?.listed()
        } else if !change.isEmpty {
          lastKnown?.changed()
        }
        wasListed = true
      }
      guard await cluster.isComplete else { continue }
      due(change, !wasComplete)
      wasComplete = true
    }
  }
}

/// Warns of each Service whose cluster IP is outside of the configured service subnets.
package final class SubnetWarnings: Sendable {
  private let subnets: ServiceSubnets
  private let logger: Logger

  package init(subnets: ServiceSubnets, logger: Logger) {
    self.subnets = subnets
    self.logger = logger
  }

  func check(_ events: [ClusterEvent], _ change: SnapshotChange, in cluster: ClusterState) async {
    guard subnets != .unknown else { return }
    let snapshot = await cluster.snapshot
    // The service subnets changed, so every Service has to be checked again.
    if subnets == .cluster, change.serviceCIDRs {
      return check(snapshot.services.values.sorted { $0.name < $1.name }, in: snapshot)
    }
    for event in events {
      switch event {
      case .setService(let service): check([service], in: snapshot)
      case .replaceServices(let services): check(services, in: snapshot)
      default: continue
      }
    }
  }

  package func check(_ services: [Service], in snapshot: ClusterSnapshot) {
    let subnets = subnets.blocks(in: snapshot)
    for service in services { check(service, subnets) }
  }

  /// Only warns. The Service gets its rules in any case.
  private func check(_ service: Service, _ subnets: [CIDR]) {
    for address in service.clusterIPs {
      let blocks = subnets.filter { $0.family == address.family }
      guard !blocks.isEmpty, !blocks.contains(where: { $0.contains(address) }) else { continue }
      logger.warning(
        "cluster IP is outside of the service subnet",
        metadata: [
          "service": "\(service.name)", "clusterIP": "\(address)",
          "serviceSubnet": "\(blocks.map(\.description).joined(separator: ","))",
        ])
    }
  }
}
