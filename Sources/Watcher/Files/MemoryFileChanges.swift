public import KubernetesAPI
import Synchronization

/// File changes that a test triggers.
public final class MemoryFileChanges: FileChangeFeed {
  private let counter = ChangeCounter()
  private let interests = Mutex(DirectoryInterests())
  private let onWatch: @Sendable (MemoryFileChanges) -> Void

  /// - Parameter onWatch: is called at each call of `watch`, which is before each reading.
  public init(onWatch: @escaping @Sendable (MemoryFileChanges) -> Void = { _ in }) { self.onWatch = onWatch }

  /// The directories that are watched.
  public var watched: DirectoryInterests { interests.withLock { $0 } }

  public func watch(_ interests: DirectoryInterests) throws(FileError) {
    self.interests.withLock { $0 = interests }
    onWatch(self)
  }

  public var generation: UInt64 { counter.generation }

  public func changed(since known: UInt64) async -> Bool { await counter.changed(since: known) }

  /// Reports a change.
  public func change() { counter.increment() }

  /// Ends the feed.
  public func finish() { counter.finish() }
}
