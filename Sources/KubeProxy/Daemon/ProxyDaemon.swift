import Applier
import Glibc
import KubernetesAPI
import Logging
import ServiceModel
import System
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
  /// Where the last known state is kept; nil: nowhere.
  package var stateFile: StateFileSettings?
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
    DescriptorLimit.raise()
    // Nobody who reads the log, or stops doing so, ends the process. Children begin with the default again.
    signal(SIGPIPE, SIG_IGN)
    // Until there is something to write: by default the signal would end the process.
    signal(SIGUSR1, SIG_IGN)
    let host = try await HostPreparation(setup: setup, logger: logger).run()
    let parts = try DaemonParts(setup: setup, host: host, logger: logger)
    let group = PartGroup(parts.parts, patience: ProxyDaemon.patience) { [logger] in ProxyDaemon.leave($0, logger) }
    try SignalWatch.start([SIGTERM, SIGINT, SIGUSR1]) { [logger] number in
      guard number != SIGUSR1 else { return parts.dumps.request() }
      logger.notice("stopping; the rules stay", metadata: ["signal": "\(number == SIGTERM ? "SIGTERM" : "SIGINT")"])
      group.stop()
    }
    try await group.run()
  }

  /// Supervisors are promised an end within a second.
  private static let patience = Duration.milliseconds(700)

  /// Ends the process although some parts still work. They leave nothing half done: a restore without its last line
  /// changes nothing.
  private static func leave(_ overdue: PartGroup.Overdue, _ logger: Logger) {
    logger.warning(
      "some parts did not end in time; leaving without them",
      metadata: ["parts": "\(overdue.names.joined(separator: ", "))"])
    if let failure = overdue.failure { logger.error("the daemon ends", metadata: ["error": "\(failure)"]) }
    exit(overdue.failure == nil ? 0 : 1)
  }
}
