import Applier
import Configuration
import Glibc
import KubernetesAPI
import Logging
import ServiceModel
import System
import Telemetry
import Watcher

/// What the daemon needs to start.
package struct DaemonSetup: Sendable {
  package var configuration: ProxyConfiguration
  package var extra: ExtraSettings
  package var backend: BackendSetting
  /// Whether conntrack entries of TCP flows to endpoints that no longer exist are deleted.
  package var flushTCP: Bool
  package var source: ClusterSource
  /// Holds the metrics. The source may add metrics of its own.
  package var registry: MetricsRegistry
  /// The file for the last known state; nil if the state is not kept.
  package var stateFile: StateFileSettings?
  /// Set if the daemon only compares the rules of another proxy with its plan.
  package var shadow: ShadowSettings?
  /// The flags of the command line by name, for `/flagz`.
  package var flags: [String: String] = [:]
  /// The program's version, for the status page.
  package var version: String
  /// Returns when the configuration file has changed; nil if there is no file to watch.
  package var configurationChange: (@Sendable () async throws -> DaemonError)?

  package init(
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

/// The proxy on a node: creates its parts and runs them until SIGTERM or SIGINT. The rules stay in the kernel.
package struct ProxyDaemon: Sendable {
  private let setup: DaemonSetup
  private let logger: Logger

  package init(_ setup: DaemonSetup, logger: Logger) {
    self.setup = setup
    self.logger = logger
  }

  /// Sets the sysctls, which need more privileges than CAP_NET_ADMIN, and does nothing else. Returns whether all were
  /// set.
  package func initOnly() -> Bool {
    // This process is the init container that the daemon's own advice would send the user to.
    let advice = "run this container privileged, with a writable /proc/sys, or set it on the host"
    return HostPreparation(setup: setup, logger: logger).applySettings(advice: advice).isComplete
  }

  /// Runs until a signal ends it.
  /// - Throws: ``DaemonError`` if the daemon cannot start or has to be restarted, and the error of an HTTP server that
  ///   cannot listen if `bindAddressHardFail` is set.
  package func run() async throws {
    DescriptorLimit.raise()
    // If the reader of the log goes away, writing must not end the process. Child processes get the default action
    // again.
    signal(SIGPIPE, SIG_IGN)
    let running = Watched<Running?>(nil)
    // The signals are watched before the host is examined, which can take seconds. In a container the proxy has the
    // process ID 1, and for such a process the kernel drops a signal that has no handler.
    try SignalWatch.start([SIGTERM, SIGINT, SIGUSR1]) { [logger] number in
      let running = running.withLock(\.self)
      guard number != SIGUSR1 else {
        // During the start there is nothing to dump yet.
        running?.dumps.request()
        return
      }
      logger.notice("stopping; the rules stay", metadata: ["signal": "\(number == SIGTERM ? "SIGTERM" : "SIGINT")"])
      // During the start, no part has to be ended in order.
      guard let running else { exit(0) }
      running.group.stop()
    }
    let parts = try await makeParts()
    let group = PartGroup(parts.parts, patience: ProxyDaemon.patience) { [logger] in ProxyDaemon.leave($0, logger) }
    running.withLock { $0 = Running(group: group, dumps: parts.dumps) }
    try await group.run()
  }

  /// What a signal acts on once the proxy runs.
  private struct Running: Sendable {
    let group: PartGroup
    let dumps: StateDump
  }

  private func makeParts() async throws -> DaemonParts {
    if let shadow = setup.shadow {
      let host = try await ShadowHost(setup: setup, logger: logger).read()
      return try DaemonParts(shadow: shadow, setup: setup, host: host, logger: logger)
    }
    let host = try await HostPreparation(setup: setup, logger: logger).run()
    return try DaemonParts(setup: setup, host: host, logger: logger)
  }

  /// The process has to end within a second after the signal, because supervisors rely on it.
  private static let patience = Duration.milliseconds(700)

  /// Ends the process although some parts still run. This is safe: iptables-restore changes nothing before it has read
  /// the COMMIT line.
  private static func leave(_ overdue: PartGroup.Overdue, _ logger: Logger) {
    logger.warning(
      "some parts of the proxy did not stop in time; exiting anyway",
      metadata: ["parts": "\(overdue.names.joined(separator: ", "))"])
    if let failure = overdue.failure {
      logger.error("the proxy ends because of an error", metadata: ["error": "\(failure)"])
    }
    exit(overdue.failure == nil ? 0 : 1)
  }
}
