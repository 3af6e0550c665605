import Configuration
import Glibc
import KubeProxy
import KubernetesAPI
import Logging
import Telemetry
import Watcher

/// The daemon's sources: an API server or manifests.
extension ClusterSource {
  /// There is neither a kubeconfig nor a URL, and the process does not run in a pod.
  struct NoAPIServer: Error, CustomStringConvertible {
    let description =
      "no API server: give --kubeconfig FILE, --master URL or --manifests PATH; in a pod, its service account is used"
  }

  /// A source that follows manifest files.
  static func manifests(_ path: String, logger: Logger) throws(FileError) -> ClusterSource {
    let changes = try FileChanges(logger: logger)
    let channel = ClusterEventChannel()
    let follower = ManifestFollower(path: path, changes: changes, output: channel, logger: logger)
    return ClusterSource(name: path, channel: channel, run: { try await follower.run() })
  }

  /// - Parameter posts: whether Events are sent to the API server. If not, the source only lists and watches.
  static func apiServer(
    _ connection: APIServerConnection, _ configuration: ProxyConfiguration, registry: MetricsRegistry, logger: Logger,
    posts: Bool = true
  ) throws -> ClusterSource {
    let nodeName = configuration.nodeName
    let server = "\(connection.server)"
    let host = server.split(separator: "/").dropFirst().first.map(String.init) ?? server
    let transport = MeasuredTransport(
      try CurlTransport(connection), metrics: RestClientMetrics(registry, host: host))
    logger.info("following the API server", metadata: ["server": "\(connection.server)", "node": "\(nodeName)"])
    let channel = ClusterEventChannel()
    let watcher = ClusterWatcher(
      transport: transport, nodeName: nodeName, output: channel, logger: logger,
      resources: ResourceKind.watched(withServiceCIDRs: configuration.serviceSubnets == .cluster),
      startSpread: .seconds(1))
    guard posts else {
      return ClusterSource(
        name: server, channel: channel, run: { await watcher.run() }, watches: { watcher.status })
    }
    let poster = EventPoster(transport: transport, instance: "kube-proxy-\(nodeName)", logger: logger)
    return ClusterSource(
      name: server, channel: channel,
      run: {
        await withTaskGroup(of: Void.self) { group in
          group.addTask { await watcher.run() }
          group.addTask { await poster.run() }
        }
      }, watches: { watcher.status }, post: { poster.post($0) })
  }

  /// An empty source, for actions that need no cluster.
  static let none = ClusterSource(name: "", channel: ClusterEventChannel(), run: {})

  /// The kubeconfig's API server, or `--master` alone, or the service account's.
  static func connection(kubeconfig: String, master: String?) throws -> APIServerConnection {
    if !kubeconfig.isEmpty {
      var connection = try Kubeconfig.read(kubeconfig)
      if let master { connection.server = master }
      return connection
    }
    if let master { return APIServerConnection(server: master) }
    let account = APIServerConnection.inCluster { name in getenv(name).map { String(cString: $0) } }
    guard let account else { throw NoAPIServer() }
    return account
  }

  /// Returns when the content of the configuration file differs from what was read.
  static func configurationChange(
    _ file: ReadConfigurationFile?, logger: Logger
  ) throws(FileError) -> (@Sendable () async throws -> DaemonError)? {
    guard let file else { return nil }
    let watch = FileContentWatch(path: file.path, changes: try FileChanges(logger: logger))
    return {
      guard try await watch.waitForChange(from: file.contents) else { throw CancellationError() }
      return .configurationChanged(file.path)
    }
  }
}
