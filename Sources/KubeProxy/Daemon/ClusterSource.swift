import Watcher

/// Where the daemon learns of the cluster, and whom it tells Events.
public struct ClusterSource: Sendable {
  /// As people call it: a URL or a path.
  public let name: String
  /// What it tells comes through here.
  public let channel: ClusterEventChannel
  /// Follows the cluster until cancelled.
  public let run: @Sendable () async throws -> Void
  /// How the watches do; none where the objects come from files.
  public let watches: @Sendable () -> [WatchStatus]
  /// Takes an Event for the API server; drops it where there is none.
  public let post: @Sendable (APIEvent) -> Void

  public init(
    name: String, channel: ClusterEventChannel, run: @escaping @Sendable () async throws -> Void,
    watches: @escaping @Sendable () -> [WatchStatus] = { [] }, post: @escaping @Sendable (APIEvent) -> Void = { _ in }
  ) {
    self.name = name
    self.channel = channel
    self.run = run
    self.watches = watches
    self.post = post
  }
}
