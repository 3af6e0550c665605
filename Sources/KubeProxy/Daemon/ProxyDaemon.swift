import Applier
import Glibc
import KubernetesAPI
import Logging
import ServiceLifecycle
import ServiceModel
import Threading
import UnixSignals
import Watcher

/// What the daemon is to do.
public struct DaemonSetup: Sendable {
  public var configuration: ProxyConfiguration
  public var extra: ExtraSettings
  public var backend: BackendSetting
  /// Whether TCP flows to endpoints that are gone are cut.
  public var flushTCP: Bool
  public var source: ClusterSource
  /// Where metrics go; the source may have some of its own.
  public var registry: MetricsRegistry
  /// What the command line says, by flag, for `/flagz`.
  public var flags: [String: String] = [:]
  /// The program's version, for the status page.
  public var version: String
  /// Returns when the configuration file has changed; nil where there is none to follow.
  public var configurationChange: (@Sendable () async throws -> DaemonError)?

  public init(
    configuration: ProxyConfiguration, extra: ExtraSettings, backend: BackendSetting, flushTCP: Bool,
    source: ClusterSource, registry: MetricsRegistry, version: String,
    configurationChange: (@Sendable () async throws -> DaemonError)? = nil
  ) {
    self.configuration = configuration
    self.extra = extra
    self.backend = backend
    self.flushTCP = flushTCP
    self.source = source
    self.registry = registry
    self.version = version
    self.configurationChange = configurationChange
  }
}

/// The proxy on a node: puts its parts together and runs them until SIGTERM or SIGINT. The rules stay then.
public struct ProxyDaemon: Sendable {
  private let setup: DaemonSetup
  private let logger: Logger

  public init(_ setup: DaemonSetup, logger: Logger) {
    self.setup = setup
    self.logger = logger
  }

  /// Does what needs more privileges than CAP_NET_ADMIN: sysctls. Nothing else. Returns whether all could be set.
  public func initOnly() -> Bool { HostPreparation(setup: setup, logger: logger).applySettings().isComplete }

  /// Runs until a signal ends it.
  /// - Throws: ``DaemonError`` where it cannot start or has to be restarted, and what a server could not do that was
  ///   told to fail hard.
  public func run() async throws {
    ProcessMemory.prepare()
    SpareDescriptors.raiseLimit()
    // Nobody who reads the log, or stops doing so, ends the process. Children begin with the default again.
    signal(SIGPIPE, SIG_IGN)
    // Until there is something to write: by default the signal would end the process.
    signal(SIGUSR1, SIG_IGN)
    let host = try await HostPreparation(setup: setup, logger: logger).run()
    let parts = try DaemonParts(setup: setup, host: host, logger: logger)
    let quiet = Logger(label: "lifecycle", factory: { _ in SwiftLogNoOpLogHandler() })
    let group = ServiceGroup(configuration: .init(services: parts.services.map { .init(service: $0) }, logger: quiet))
    let dump = StateDump(cluster: parts.cluster, families: parts.families, logger: logger)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { await handleSignals(group, dump) }
      tasks.addTask { try await group.run() }
      // The signal task ends with the group's end, by cancellation.
      try await tasks.next()
      tasks.cancelAll()
    }
  }

  private func handleSignals(_ group: ServiceGroup, _ dump: StateDump) async {
    var dumping: Task<Void, Never>?
    for await signal in await UnixSignalsSequence(trapping: .sigterm, .sigint, .sigusr1) {
      guard signal != .sigusr1 else {
        // One at a time, and a signal to stop waits for none.
        dumping = Task { [dumping] in
          await dumping?.value
          await dump.write()
        }
        continue
      }
      logger.notice("stopping; the rules stay", metadata: ["signal": "\(signal)"])
      await group.triggerGracefulShutdown()
      // A restore under way may take long. It is not waited for: without its last line nothing of it counts.
      try? await Task.sleep(for: ProxyDaemon.patience)
      if !Task.isCancelled { exit(0) }
      return
    }
  }

  /// Supervisors are promised an end within a second.
  private static let patience = Duration.milliseconds(700)
}
