import Applier
import Configuration
import Conntrack
import HTTPServer
import Health
import IPTables
import KubernetesAPI
import Logging
import Planner
import ServiceModel
import StatusPage
import Time
import Watcher

/// Creates the daemon's parts and gives each part the other parts that it needs.
struct DaemonParts {
  let parts: [DaemonPart]
  /// Writes the state to a file on request.
  let dumps: StateDump

  init(setup: DaemonSetup, host: PreparedHost, logger: Logger) throws {
    let configuration = setup.configuration
    let known = host.known
    let clock = SystemClock()
    let metrics = ProxyMetrics(registry: setup.registry, families: known.families)
    metrics.version(setup.version)
    let health = HealthMonitor(syncPeriod: configuration.syncPeriod)
    let board = StatusBoard(families: known.families)
    let server = try HTTPServer(logger: logger)
    let events = EventGate(post: setup.source.post)
    events.send(.starting(node: configuration.nodeName))
    let start = clock.now()
    for family in known.families {
      // Health and the queue metric know each family from the start, even if its first sync never comes.
      health.updated(family)
      metrics.syncQueued(family, at: start.wall)
    }
    let cluster = DaemonParts.cluster(setup, known, start)
    let conntrack = ConntrackReconciler(table: NetlinkConntrackTable()) { result in
      metrics.reconciled(result)
      board.add(result)
      if let error = result.error {
        logger.error(
          "conntrack clean-up failed; retrying",
          metadata: ["family": "\(result.family.rawValue)", "error": "\(error)"])
      }
    }
    let reporter = SyncReporter(logger: logger, metrics: metrics, health: health, board: board)
    let intervals = RunPacing.Intervals(
      minInterval: configuration.minSyncPeriod, maxInterval: .seconds(3600), maxRetry: configuration.syncPeriod)
    let families = known.families.map { family in
      FamilySync(
        family: family, cluster: cluster, applier: FamilyApplier(family: family, commands: host.commands),
        healthChecks: HealthCheckServers(
          family: family, server: server, health: health, node: configuration.nodeName, logger: logger,
          sendEvent: events.send),
        conntrack: conntrack, observer: reporter, clock: clock, intervals: intervals)
    }
    let podCIDRs = PodCIDRGuard()
    let dumps = StateDump(cluster: cluster, families: known.families, logger: logger)
    let needsPodCIDRs = configuration.detectLocalMode == .nodeCIDR
    let presence = NodePresence(name: configuration.nodeName, needsPodCIDRs: needsPodCIDRs, logger: logger)
    let lastKnown = setup.stateFile.map { settings in
      LastKnownState(
        settings, nodeName: configuration.nodeName, cluster: cluster, source: setup.source, health: health,
        metrics: StateMetrics(setup.registry), clock: clock, start: start, logger: logger)
    }
    let intake = EventIntake(
      channel: setup.source.channel, cluster: cluster, nodeName: configuration.nodeName, health: health,
      metrics: metrics, warnings: SubnetWarnings(subnets: configuration.serviceSubnets, logger: logger),
      healthPorts: HealthPortWarnings(logger: logger), presence: presence, lastKnown: lastKnown,
      listed: { node in DaemonParts.check(configuration, known, node, logger) },
      nodeChanged: { node in if needsPodCIDRs { try podCIDRs.check(node) } },
      due: SyncRequests(families: families, health: health, metrics: metrics, clock: clock).changed)
    var parts: [DaemonPart] = [
      DaemonPart("state dump") { await dumps.run() },
      DaemonPart("intake") { try await intake.run() },
      DaemonPart("source") { try await setup.source.run() },
      DaemonPart("conntrack") { await conntrack.run() },
      DaemonPart("node") { await NodeReminder(presence: presence, clock: clock).run() },
    ]
    // The first part ends last. So if the disk is slow, the time limit cuts off this write, and no other part.
    if let lastKnown { parts.insert(DaemonPart("state file") { await lastKnown.run() }, at: 0) }
    parts += families.map { family in DaemonPart("sync \(family.family.rawValue)") { await family.run() } }
    parts += families.compactMap { family in
      family.healthChecks.map { checks in
        DaemonPart("health checks \(family.family.rawValue)") { await checks.retryFailed(clock: clock) }
      }
    }
    if let change = setup.configurationChange {
      parts.append(DaemonPart("configuration") { throw try await change() })
    }
    parts.append(DaemonParts.foreignChanges(host, families, configuration.syncPeriod, clock, logger, metrics))
    let servers = ServerParts(setup: setup, server: server, logger: logger)
    if let address = configuration.healthzAddress { parts.append(servers.healthz(at: address, health, metrics)) }
    if let address = configuration.metricsAddress {
      let status = StatusSource(setup: setup, host: known, health: health, board: board, cluster: cluster)
      // Without nfacct the kernel has no packet counters, so these metrics do not appear.
      let hasCounters = known.features.values.contains { $0.accounting }
      let counters = hasCounters ? PacketCounters(KernelAccounting(), logger: logger) : nil
      parts.append(
        try servers.metrics(at: address, status) {
          let pending = await cluster.pending
          metrics.pending(services: pending.services, endpoints: pending.slices)
          await counters?.read(into: metrics)
          lastKnown?.collectMetrics()
        })
    }
    self.parts = parts
    self.dumps = dumps
  }

  /// Warns of settings that do not fit this node.
  static func check(
    _ configuration: ProxyConfiguration, _ host: KnownHost, _ node: Node?, _ logger: Logger
  ) {
    if configuration.nodePortAddresses == .all {
      logger.notice("node ports answer on all addresses of this node; nodePortAddresses: [primary] limits them")
    }
    let view = PlannerSurroundings(interfaceAddresses: InterfaceAddress.all().map(\.address), features: host.features)
    let checks = StartChecks(configuration, families: host.families, node: node, host: view)
    for warning in checks.warnings { logger.warning("configuration: \(warning)") }
  }

  /// The part that notices when another program changes our rules.
  private static func foreignChanges(
    _ host: PreparedHost, _ families: [FamilySync], _ interval: Duration, _ clock: any MomentClock, _ logger: Logger,
    _ metrics: ProxyMetrics
  ) -> DaemonPart {
    switch host.known.backend.backend {
    case .nft:
      let watch = ForeignChangeWatch(
        monitor: NFTablesMonitor(ownProcesses: host.commands.ownProcesses), families: families, clock: clock,
        logger: logger, noticed: metrics.changedBySomebodyElse)
      return DaemonPart("foreign changes") { await watch.run() }
    case .legacy:
      let watch = CanaryWatch(
        tables: KernelLegacyTables(), families: families, interval: interval, clock: clock, logger: logger,
        noticed: metrics.changedBySomebodyElse)
      return DaemonPart("canaries") { await watch.run() }
    }
  }

  static func cluster(_ setup: DaemonSetup, _ host: KnownHost, _ start: Moment) -> ClusterState {
    let source = PlannerOptionsSource(configuration: setup.configuration, extra: setup.extra)
    // The host's addresses are needed only if nodePortAddresses limits node ports to some of them.
    let needsAddresses = setup.configuration.nodePortAddresses != .all
    let localAddresses: @Sendable () -> Set<IPAddress> = { Set(InterfaceAddress.all().map(\.address)) }
    return ClusterState(
      families: host.families, start: start.wall, flushTCP: setup.flushTCP,
      node: OwnNode(
        name: setup.configuration.nodeName, needsPodCIDRs: setup.configuration.detectLocalMode == .nodeCIDR),
      awaitsServiceCIDRs: setup.configuration.serviceSubnets == .cluster,
      options: { family, snapshot in
        let addresses = needsAddresses ? Array(localAddresses()) : []
        return source.options(
          family, snapshot: snapshot, host: PlannerSurroundings(interfaceAddresses: addresses, features: host.features))
      }, localAddresses: localAddresses)
  }
}
