import Configuration
import KubeProxy
import KubernetesAPI
import Logging
import ServiceModel
import Watcher

/// Reads the cluster from an API server once.
struct ClusterReader {
  /// The API server did not send all lists in time.
  struct Failure: Error, CustomStringConvertible {
    let server: String
    /// The errors of the requests that failed.
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
  /// The reader gives up after this time, or at the next full second after it, if a request has failed.
  var patience: Duration = .seconds(3)
  /// Otherwise the reader gives up after this time. Listing a large cluster can take long.
  var limit: Duration = .seconds(60)

  /// All Services and slices, and the Node.
  func read() async throws -> ClusterSnapshot {
    let channel = ClusterEventChannel()
    let logger = Logger(label: "inspection") { _ in SwiftLogNoOpLogHandler() }
    let watcher = ClusterWatcher(
      transport: try CurlTransport(connection), nodeName: nodeName, output: channel, logger: logger,
      resources: ResourceKind.watched(withServiceCIDRs: readsServiceCIDRs))
    // Nothing waits until the connections are closed, because the program ends soon.
    let following = Task { await watcher.run() }
    defer { following.cancel() }
    return try await withThrowingTaskGroup(of: ClusterSnapshot.self) { group in
      group.addTask {
        let end = ContinuousClock.now + limit
        try await Task.sleep(for: patience)
        while reasons(watcher).isEmpty, ContinuousClock.now < end { try await Task.sleep(for: .seconds(1)) }
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
