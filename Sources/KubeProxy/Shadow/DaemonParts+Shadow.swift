import Applier
import Configuration
import HTTPServer
import Health
import KubernetesAPI
import Logging
import ServiceModel
import Shadow
import StatusPage
import Time
import Watcher

extension DaemonParts {
  /// The parts of a daemon that shadows another proxy. Nothing here can write: there is no applier, no conntrack table,
  /// no sysctl, no Event and no health-check node port. The kernel is only seen through ``RuleReading``.
  init(shadow: ShadowSettings, setup: DaemonSetup, host: KnownHost, logger: Logger) throws {
    let configuration = setup.configuration
    let clock = SystemClock()
    let metrics = ProxyMetrics(registry: setup.registry, families: host.families)
    metrics.version(setup.version)
    let health = HealthMonitor(syncPeriod: configuration.syncPeriod)
    let board = ShadowBoard(families: host.families)
    let cluster = DaemonParts.cluster(setup, host, clock.now())
    let watch = ShadowWatch(
      families: host.families, cluster: cluster, reading: KernelRuleReading(host.backend.backend), settings: shadow,
      reporter: ShadowReporter(
        logger: logger, metrics: ShadowMetrics(setup.registry, families: host.families), health: health, board: board),
      clock: clock)
    let needsPodCIDRs = configuration.detectLocalMode == .nodeCIDR
    let presence = NodePresence(name: configuration.nodeName, needsPodCIDRs: needsPodCIDRs, logger: logger)
    let podCIDRs = PodCIDRGuard()
    let intake = EventIntake(
      channel: setup.source.channel, cluster: cluster, nodeName: configuration.nodeName, health: health,
      metrics: metrics, warnings: SubnetWarnings(subnets: configuration.serviceSubnets, logger: logger),
      healthPorts: HealthPortWarnings(logger: logger), presence: presence, lastKnown: nil,
      listed: { node in DaemonParts.check(configuration, host, node, logger) },
      nodeChanged: { node in if needsPodCIDRs { try podCIDRs.check(node) } }, due: watch.changed)
    let dumps = StateDump(cluster: cluster, families: host.families, logger: logger)
    var parts: [DaemonPart] = [
      DaemonPart("state dump") { await dumps.run() },
      DaemonPart("intake") { try await intake.run() },
      DaemonPart("source") { try await setup.source.run() },
      DaemonPart("node") { await NodeReminder(presence: presence, clock: clock).run() },
      DaemonPart("shadow") { await watch.run() },
    ]
    if let change = setup.configurationChange {
      parts.append(DaemonPart("configuration") { throw try await change() })
    }
    let servers = ServerParts(setup: setup, server: try HTTPServer(logger: logger), logger: logger)
    if let address = configuration.healthzAddress.flatMap(ShadowSettings.address(beside:)) {
      parts.append(servers.healthz(at: address, health, metrics))
    }
    if let address = configuration.metricsAddress.flatMap(ShadowSettings.address(beside:)) {
      let status = StatusSource(
        setup: setup, host: host, health: health, board: StatusBoard(families: host.families), cluster: cluster,
        shadow: board)
      parts.append(
        try servers.metrics(at: address, status) {
          let pending = await cluster.pending
          metrics.pending(services: pending.services, endpoints: pending.slices)
        })
    }
    self.parts = parts
    self.dumps = dumps
  }
}
