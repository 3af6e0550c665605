import KubeProxy
import KubernetesAPI
import Logging
import ServiceModel
import Watcher

/// Reads the cluster from an API server once.
struct ClusterReader {
  /// The API server did not tell everything in time.
  struct Failure: Error, CustomStringConvertible {
    let server: String
    /// What the requests that failed had to say.
    let reasons: [String]

    var description: String {
      let why = reasons.isEmpty ? "no answer" : reasons.joined(separator: "; ")
      return "cannot read the cluster from \(server): \(why)"
    }
  }

  let connection: APIServerConnection
  let nodeName: String
  /// Whether ServiceCIDRs are read as well.
  var readsServiceCIDRs = false
  /// With requests that fail, no longer is waited than this.
  var patience: Duration = .seconds(3)
  /// A large cluster may take its time.
  var limit: Duration = .seconds(60)

  /// All Services and slices, and the Node.
  func read() async throws -> ClusterSnapshot {
    let channel = ClusterEventChannel()
    let logger = Logger(label: "inspection") { _ in SwiftLogNoOpLogHandler() }
    let watcher = ClusterWatcher(
      transport: try CurlTransport(connection), nodeName: nodeName, output: channel, logger: logger,
      resources: WatchedResource.needed(withServiceCIDRs: readsServiceCIDRs))
    // Nobody waits for its connections to end: the program does.
    let following = Task { await watcher.run() }
    defer { following.cancel() }
    return try await withThrowingTaskGroup(of: ClusterSnapshot.self) { group in
      group.addTask {
        try await Task.sleep(for: patience)
        if !reasons(watcher).isEmpty { throw Failure(server: connection.server, reasons: reasons(watcher)) }
        try await Task.sleep(for: limit - patience)
        throw Failure(server: connection.server, reasons: reasons(watcher))
      }
      group.addTask {
        var store = SnapshotStore(awaitsServiceCIDRs: readsServiceCIDRs)
        while !store.isComplete {
          let events = await channel.next()
          if events.isEmpty { throw CancellationError() }
          _ = store.apply(events)
        }
        return store.snapshot
      }
      defer { group.cancelAll() }
      guard let snapshot = try await group.next() else { throw CancellationError() }
      return snapshot
    }
  }

  private func reasons(_ watcher: ClusterWatcher) -> [String] {
    var reasons: [String] = []
    for status in watcher.status where !status.isSynced && status.state != .absent {
      if let error = status.lastError, !reasons.contains(error) { reasons.append(error) }
    }
    return reasons
  }
}
