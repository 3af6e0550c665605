public import KubernetesAPI

/// Tells that something changed in directories: inotify, or a test.
public protocol FileChangeFeed: Sendable {
  /// What to listen to from now on, instead of what was before. All that changes after this call is told.
  func watch(_ interests: DirectoryInterests) throws(FileError)

  /// Counts up with every change.
  var generation: UInt64 { get }

  /// Waits until `generation` is another than `known`. Returns false when the task is cancelled or the feed has ended.
  func changed(since known: UInt64) async -> Bool
}
