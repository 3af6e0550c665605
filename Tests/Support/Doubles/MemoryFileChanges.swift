import KubernetesAPI
import Synchronization
import Watcher

/// File changes that a test triggers.
package final class MemoryFileChanges: FileChangeFeed {
  private let counter = ChangeCounter()
  private let interests = Mutex(DirectoryInterests())
  private let onWatch: @Sendable (MemoryFileChanges) -> Void

  /// - Parameter onWatch: is called at each call of `watch`, which is before each reading.
  package init(onWatch: @escaping @Sendable (MemoryFileChanges) -> Void = { _ in }) { self.onWatch = onWatch }

  /// The directories that are watched.
  package var watched: DirectoryInterests { interests.withLock { $0 } }

  package func watch(_ interests: DirectoryInterests) throws(FileError) {
    self.interests.withLock { $0 = interests }
    onWatch(self)
  }

  package var generation: UInt64 { counter.generation }

  package func changed(since known: UInt64) async -> Bool { await counter.changed(since: known) }

  /// Reports a change.
  package func change() { counter.increment() }

  /// Ends the feed.
  package func finish() { counter.finish() }
}
