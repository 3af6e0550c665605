import KubeProxy
import KubernetesAPI
import Logging
import Watcher

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What follows the cluster: an API server or manifests.
enum ClusterSource {
  /// There is neither a kubeconfig nor a URL, and this is no pod.
  struct NoAPIServer: Error, CustomStringConvertible {
    let description =
      "no API server: give --kubeconfig FILE, --master URL or --manifests PATH; in a pod, its service account is used"
  }

  typealias Follow = @Sendable (ClusterEventChannel) async throws -> Void

  static func manifests(_ path: String, logger: Logger) throws(FileError) -> Follow {
    let changes = try Inotify()
    return { channel in
      try await ManifestFollower(path: path, changes: changes, output: channel, logger: logger).run()
    }
  }

  static func apiServer(_ connection: APIServerConnection, nodeName: String, logger: Logger) throws -> Follow {
    let transport = try CurlTransport(connection)
    logger.info("following the API server", metadata: ["server": "\(connection.server)", "node": "\(nodeName)"])
    return { channel in
      await ClusterWatcher(transport: transport, nodeName: nodeName, output: channel, logger: logger).run()
    }
  }

  /// The kubeconfig's API server, or `--master` alone, or the service account's.
  static func connection(kubeconfig: String, master: String?) throws -> APIServerConnection {
    if !kubeconfig.isEmpty { return APIServerConnection(try Kubeconfig.read(kubeconfig), master: master) }
    if let master { return APIServerConnection(server: master) }
    if let connection = APIServerConnection.inCluster(environment: ProcessInfo.processInfo.environment) {
      return connection
    }
    throw NoAPIServer()
  }

  /// Waits for the configuration file to say something else than what was read.
  static func configurationChange(
    _ file: ReadConfigurationFile?
  ) throws(FileError) -> (@Sendable () async throws -> DaemonError)? {
    guard let file else { return nil }
    let watch = FileContentWatch(path: file.path, changes: try Inotify())
    return {
      guard try await watch.waitForChange(from: file.contents) else { throw CancellationError() }
      return .configurationChanged(file.path)
    }
  }
}
