import Applier
import KubernetesAPI
import Planner
import ServiceModel

/// Puts together what the status page shows.
struct StatusSource: Sendable {
  private let setup: DaemonSetup
  private let health: HealthMonitor
  private let board: StatusBoard
  private let cluster: ClusterState
  private let started = Moment.now()

  init(
    setup: DaemonSetup, host: PreparedHost, health: HealthMonitor, board: StatusBoard, cluster: ClusterState
  ) {
    self.setup = setup
    self.health = health
    self.board = board
    self.cluster = cluster
    let backend = host.backend
    for family in host.families { board.setBackend(family, backend.backend.rawValue, reason: backend.reason) }
  }

  @Sendable func snapshot() async -> StatusSnapshot {
    StatusSnapshot(
      version: setup.version, node: setup.configuration.nodeName, started: started, now: .now(),
      health: health.report, settings: settings, families: board.all, source: setup.source.name,
      watches: setup.source.watches(), cluster: await cluster.snapshot)
  }

  private var settings: [StatusSnapshot.Setting] {
    let configuration = setup.configuration
    let source = configuration.source
    return [
      .init("clusterCIDR", configuration.clusterCIDRs.map(\.description).joined(separator: ",")),
      .init("serviceSubnet", configuration.serviceSubnets.map(\.description).joined(separator: ",")),
      .init("detectLocalMode", source.detectLocalMode),
      .init("nodePortAddresses", (source.nodePortAddresses ?? []).joined(separator: ",")),
      .init("iptables.masqueradeAll", "\(configuration.masqueradeAll)"),
      .init("iptables.masqueradeBit", "\(configuration.masqueradeBit)"),
      .init("iptables.localhostNodePorts", "\(configuration.localhostNodePorts)"),
      .init("iptables.minSyncPeriod", "\(source.iptables.minSyncPeriod)"),
      .init("iptables.syncPeriod", "\(source.iptables.syncPeriod)"),
      .init("dispatch", setup.extra.dispatch.rawValue),
      .init("ignoreExternalIPs", "\(setup.extra.ignoreExternalIPs)"),
      .init("conntrackFlushTCP", "\(setup.flushTCP)"),
    ]
  }
}
