import Watcher

/// Where the daemon gets the cluster's objects from, and where it sends Events.
package struct ClusterSource: Sendable {
  /// The name for people: a URL or a path.
  package let name: String
  /// The source sends its events through this channel.
  package let channel: ClusterEventChannel
  /// Follows the cluster until the task is cancelled.
  package let run: @Sendable () async throws -> Void
  /// The state of the watches. Empty if the objects come from files.
  package let watches: @Sendable () -> [WatchStatus]
  /// Sends an Event to the API server. Drops it if there is no API server.
  package let post: @Sendable (APIEvent) -> Void

  package init(
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
