import Applier
import Conntrack
import Glibc
import IPTables
import KubernetesAPI
import Logging
import Planner
import ServiceModel
import Watcher

/// Makes the daemon's parts and hands each what it needs of the others.
struct DaemonParts {
  let services: [any DaemonService]
  let cluster: ClusterState
  let families: [IPFamily]

  init(setup: DaemonSetup, host: PreparedHost, logger: Logger) throws {
    let configuration = setup.configuration
    let configurationText = String(decoding: try configuration.source.json(), as: UTF8.self)
    let clock = SystemClock()
    let metrics = ProxyMetrics(registry: setup.registry, families: host.families)
    let health = HealthMonitor(syncPeriod: configuration.syncPeriod)
    let board = StatusBoard(families: host.families)
    let server = try HTTPServer()
    let events = EventGate(post: setup.source.post)
    events.send(.starting(node: configuration.nodeName))
    let start = clock.now()
    for family in host.families {
      // Health lists a family and its queue has an age from the start on, also where a first sync never comes.
      health.updated(family)
      metrics.syncQueued(family, at: start.wall)
    }
    let cluster = DaemonParts.cluster(setup, host, start)
    let conntrack = ConntrackReconciler(table: NetlinkConntrackTable()) { result in
      metrics.reconciled(result)
      board.add(result)
      if let error = result.error {
        logger.error(
          "conntrack clean-up failed; it is tried again",
          metadata: ["family": "\(result.family.rawValue)", "error": "\(error)"])
      }
    }
    let reporter = SyncReporter(logger: logger, metrics: metrics, health: health, board: board)
    let intervals = RunPacing.Intervals(
      minInterval: configuration.minSyncPeriod, maxInterval: .seconds(3600), maxRetry: configuration.syncPeriod)
    let families = host.families.map { family in
      FamilySync(
        family: family, cluster: cluster, applier: FamilyApplier(family: family, commands: host.commands),
        healthChecks: HealthCheckServers(
          family: family, server: server, health: health, node: configuration.nodeName, logger: logger,
          sendEvent: events.send),
        conntrack: conntrack, observer: reporter, clock: clock, intervals: intervals)
    }
    let podCIDRs = PodCIDRGuard()
    let intake = EventIntake(
      channel: setup.source.channel, cluster: cluster, families: families, nodeName: configuration.nodeName,
      health: health,
      metrics: metrics, clock: clock,
      warnings: SubnetWarnings(subnets: configuration.serviceSubnets, logger: logger)
    ) { node in
      if configuration.detectLocalMode == .nodeCIDR { try podCIDRs.check(node) }
    }
    var services: [any DaemonService] = [
      TaskService("intake") { try await intake.run() },
      TaskService("source") { try await setup.source.run() },
      TaskService("conntrack") { await conntrack.run() },
    ]
    services += families.map { family in TaskService("sync \(family.family.rawValue)") { await family.run() } }
    if let change = setup.configurationChange {
      services.append(TaskService("configuration") { throw try await change() })
    }
    services.append(DaemonParts.foreignChanges(host, families, configuration.syncPeriod, clock, logger))
    if let address = configuration.healthzAddress {
      services.append(
        HTTPService(
          name: "healthz", server: server, address: ListenAddress(address),
          failsHard: configuration.bindAddressHardFail,
          router: HealthRoutes(health: health, metrics: metrics).router, logger: logger))
    }
    if let address = configuration.metricsAddress {
      let status = StatusSource(setup: setup, host: host, health: health, board: board, cluster: cluster)
      let routes = MetricsRoutes(
        registry: metrics.registry, collect: { await DaemonParts.readCounters(of: cluster, into: metrics) },
        configuration: { configurationText }, flags: { setup.flags },
        status: StatusRoutes(snapshot: status.snapshot, explain: status.explain).handle)
      services.append(
        HTTPService(
          name: "metrics", server: server, address: ListenAddress(address),
          failsHard: configuration.bindAddressHardFail,
          router: routes.router, logger: logger))
    }
    self.services = services
    self.cluster = cluster
    self.families = host.families
  }

  /// Reads the kernel's packet counters, and what is yet to be synced, when somebody asks for metrics.
  private static func readCounters(of cluster: ClusterState, into metrics: ProxyMetrics) async {
    let pending = await cluster.pending
    metrics.pending(services: pending.services, endpoints: pending.slices)
    let accounting = KernelAccounting()
    // Without nfacct there is nothing to read, and nothing is shown.
    func packets(_ name: String) -> UInt64? { (try? accounting.read(name))?.packets }
    let names = PlannerOptions.accountingNames
    metrics.packets(invalidDropped: packets(names[0]), localhostNodePortsAccepted: packets(names[1]))
  }

  /// What notices that somebody else changed our rules.
  private static func foreignChanges(
    _ host: PreparedHost, _ families: [FamilySync], _ interval: Duration, _ clock: any SyncClock, _ logger: Logger
  ) -> any DaemonService {
    switch host.backend.backend {
    case .nft:
      let watch = ForeignChangeWatch(
        monitor: NFTablesMonitor(ownProcesses: host.commands.ownProcesses), families: families, clock: clock,
        logger: logger)
      return TaskService("foreign changes") { await watch.run() }
    case .legacy:
      let watch = CanaryWatch(
        tables: KernelLegacyTables(), families: families, interval: interval, clock: clock, logger: logger)
      return TaskService("canaries") { await watch.run() }
    }
  }

  private static func cluster(_ setup: DaemonSetup, _ host: PreparedHost, _ start: Moment) -> ClusterState {
    let source = PlannerOptionsSource(configuration: setup.configuration, extra: setup.extra)
    // The host's addresses count only where node ports are bound to some of them.
    let needsAddresses = setup.configuration.nodePortAddresses != .all
    let localAddresses: @Sendable () -> Set<IPAddress> = { Set(InterfaceAddress.all().map(\.address)) }
    return ClusterState(
      families: host.families, start: start.wall.secondsSince1970, flushTCP: setup.flushTCP,
      awaitsServiceCIDRs: setup.configuration.serviceSubnets == .cluster,
      options: { family, snapshot in
        let addresses = needsAddresses ? Array(localAddresses()) : []
        return source.options(
          family, snapshot: snapshot, host: HostView(interfaceAddresses: addresses, features: host.features))
      }, localAddresses: localAddresses)
  }
}
