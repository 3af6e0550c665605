import KubernetesAPI

/// Reports changes in directories. The implementation is inotify, polling, or a test.
package protocol FileChangeFeed: Sendable {
  /// Sets the directories to watch, instead of the previous ones. Every change after this call is reported.
  func watch(_ interests: DirectoryInterests) throws(FileError)

  /// Increases with every change.
  var generation: UInt64 { get }

  /// Waits until `generation` differs from `known`. Returns false if the task is cancelled or the feed has ended.
  func changed(since known: UInt64) async -> Bool
}
