import Logging
import ServiceModel
import Watcher

/// Takes what sources tell into the cluster's state and asks for syncs.
struct EventIntake: Sendable {
  let channel: ClusterEventChannel
  let cluster: ClusterState
  let families: [FamilySync]
  let nodeName: String
  let health: HealthMonitor
  let metrics: ProxyMetrics
  let clock: any SyncClock
  let warnings: SubnetWarnings
  let healthPorts: HealthPortWarnings
  let presence: NodePresence
  /// Nil where the state is not kept in a file.
  let lastKnown: LastKnownState?
  /// Is told the own Node once, when everything is listed; nil if there is none.
  let listed: @Sendable (Node?) -> Void
  /// Is told of every change of the own Node, nil when it is gone; throws to end the process.
  let nodeChanged: @Sendable (Node?) throws -> Void

  /// Runs until the channel is finished or the task is cancelled.
  func run() async throws {
    var wasListed = false
    while case let events = await channel.next(), !events.isEmpty {
      let change = await cluster.apply(events)
      if change.standIn == .began { lastKnown?.cameIntoForce() }
      metrics.serviceChanges(change.serviceChanges)
      metrics.endpointChanges(change.sliceChanges)
      warnings.check(events)
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
      // The first sync is due when all is listed, also if there is nothing to change then.
      guard await cluster.isComplete else { continue }
      for family in families {
        health.queuedUpdate(family.family)
        metrics.syncQueued(family.family, at: clock.now().wall)
        family.request()
      }
    }
  }
}

/// Says of each Service that comes in that its cluster IP lies outside of the configured service subnets.
public final class SubnetWarnings: Sendable {
  private let subnets: [CIDR]
  private let logger: Logger

  public init(subnets: [CIDR], logger: Logger) {
    self.subnets = subnets
    self.logger = logger
  }

  func check(_ events: [ClusterEvent]) {
    for event in events {
      switch event {
      case .setService(let service): check(service)
      case .replaceServices(let services): services.forEach(check)
      default: continue
      }
    }
  }

  /// The Service's rules are written all the same.
  public func check(_ service: Service) {
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
