import ArgumentParser
import Configuration
import KubeProxy
import KubernetesAPI
import Logging
import Planner
import StateFile
import Telemetry
import Time
import Watcher

/// Runs the daemon as kube-proxy does, or prints the rules, or removes them.
struct RunCommand: AsyncParsableCommand, ProxyFlags {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Program the rules and follow the cluster (the default command).",
    usage: """
      swift-kube-proxy [--kubeconfig FILE] [--config FILE] [flags]
      swift-kube-proxy --manifests PATH [--dry-run] [flags]
      swift-kube-proxy --shadow --config FILE [flags]
      swift-kube-proxy --cleanup
      """,
    discussion: """
      Follows Services and EndpointSlices of an API server, or of files with --manifests, and keeps the node's \
      iptables rules as kube-proxy would. Flags are kube-proxy's but for those under 'Manifests and dry run' and \
      'Beyond kube-proxy'. A flag with a <bool> may stand alone for true.

      Other commands: 'swift-kube-proxy help' lists them.
      """)

  @OptionGroup(title: "Manifests and dry run")
  var manifests: ManifestOptions

  @OptionGroup(title: "Manifests and dry run")
  var dryRun: DryRunOptions

  @OptionGroup(title: "Configuration")
  var file: ConfigurationFileOptions

  @OptionGroup(title: "Node and servers")
  var node: NodeOptions

  @OptionGroup(title: "Rules")
  var rules: RuleOptions

  @OptionGroup(title: "Beyond kube-proxy")
  var extensions: ExtensionOptions

  @OptionGroup(title: "API server")
  var client: ClientOptions

  @OptionGroup(title: "Connection tracking")
  var conntrack: ConntrackOptions

  @OptionGroup(title: "Logging")
  var logging: LoggingOptions

  @OptionGroup
  var foreign: ForeignOptions

  @OptionGroup(title: "Beyond kube-proxy")
  var state: StateOptions

  @OptionGroup(title: "Beyond kube-proxy")
  var shadow: ShadowOptions

  @OptionGroup(title: "Instead of running")
  var actions: ActionOptions

  func validate() throws {
    if dryRun.dryRun && manifests.manifests == nil {
      throw ValidationError("--dry-run needs --manifests PATH: the objects to plan for.")
    }
    let exclusive = [
      ("--dry-run", dryRun.dryRun), ("--cleanup", actions.cleansUp),
      ("--init-only", actions.onlyInitializes), ("--write-config-to", actions.writeConfigTo != nil),
      ("--shadow", shadow.shadow),
    ]
    .filter(\.1).map(\.0)
    if shadow.shadow, state.stateFile != nil {
      throw ValidationError("--shadow and --state-file exclude each other: the file is for a proxy that writes rules.")
    }
    if exclusive.count > 1 { throw ValidationError("\(exclusive.joined(separator: " and ")) exclude each other.") }
  }

  func run() async throws {
    let loaded = try load()
    let configuration = loaded.configuration
    LineHandler.bootstrap(
      format: configuration.logging.format == .json ? .json : .text, verbosity: configuration.logging.verbosity)
    let logger = Logger(label: "swift-kube-proxy")
    for warning in loaded.warnings + client.warnings(manifests: manifests.manifests) { logger.warning("\(warning)") }
    if let path = actions.writeConfigTo {
      try ConfigurationWriter.write(configuration.source, to: path)
    } else if dryRun.dryRun, let path = manifests.manifests {
      let run = DryRun(
        options: dryRun, extra: extensions.settings(dispatch: .flat, endpointRules: .chains),
        configuration: configuration, logger: logger
      )
      if try !run.run(manifests: path) { throw ExitCode.failure }
    } else if actions.cleansUp {
      try await CleanupAction(logger: logger).run()
    } else {
      let daemon = ProxyDaemon(try daemonSetup(loaded, logger), logger: logger)
      if actions.onlyInitializes {
        if !daemon.initOnly() { throw ExitCode.failure }
      } else {
        try await daemon.run()
      }
    }
  }

  private func daemonSetup(_ loaded: LoadedConfiguration, _ logger: Logger) throws -> DaemonSetup {
    let registry = MetricsRegistry()
    // kube-proxy's own layout, so that its rules compare equal.
    let extra =
      shadow.shadow
      ? extensions.settings(dispatch: .flat, endpointRules: .chains)
      : extensions.settings(dispatch: .auto, endpointRules: .auto)
    var setup = DaemonSetup(
      configuration: loaded.configuration, extra: extra,
      backend: extensions.iptablesBackend, flushTCP: extensions.conntrackFlushTcp?.value ?? false,
      source: try source(loaded.configuration, registry, logger), registry: registry, version: Version.number,
      configurationChange: actions.onlyInitializes
        ? nil : try ClusterSource.configurationChange(loaded.file, logger: logger))
    if let path = state.stateFile { setup.stateFile = try stateFile(path, loaded.configuration, logger) }
    setup.shadow = shadow.settings
    setup.flags = Arguments.flags(Array(CommandLine.arguments.dropFirst()))
    return setup
  }

  private func source(_ configuration: ProxyConfiguration, _ registry: MetricsRegistry, _ logger: Logger) throws
    -> ClusterSource
  {
    if actions.onlyInitializes { return .none }
    if let path = manifests.manifests { return try ClusterSource.manifests(path, logger: logger) }
    let connection = try ClusterSource.connection(kubeconfig: configuration.kubeconfig, master: client.master)
    return try ClusterSource.apiServer(
      connection, configuration, registry: registry, logger: logger, posts: !shadow.shadow)
  }

  private func stateFile(_ path: String, _ configuration: ProxyConfiguration, _ logger: Logger) throws
    -> StateFileSettings?
  {
    if actions.onlyInitializes { return nil }
    if manifests.manifests != nil {
      logger.warning("--state-file has no effect with --manifests: the manifests are there at every start")
      return nil
    }
    let connection = try ClusterSource.connection(kubeconfig: configuration.kubeconfig, master: client.master)
    return StateFileSettings(path: path, after: state.stateAfter.duration, maxAge: state.stateMaxAge.duration) {
      ClusterIdentity(
        server: connection.server, certificateAuthority: try connection.certificateAuthorityPEM())
    }
  }

  private func load() throws -> LoadedConfiguration {
    do throws(ConfigurationErrors) {
      return try load(hostname: LocalHostName.current)
    } catch {
      for error in error.errors { StandardError.write("error: \(error)") }
      throw ExitCode.failure
    }
  }
}
