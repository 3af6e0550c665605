public import KubernetesAPI
import Threading

/// Notices that a file says something else than at the start, as for a configuration file that only a new process
/// takes up.
public struct FileContentWatch: Sendable {
  private let path: String
  private let storage: any ManifestStorage
  private let changes: any FileChangeFeed

  public init(path: String, changes: any FileChangeFeed, storage: any ManifestStorage = FileSystem()) {
    self.path = path
    self.changes = changes
    self.storage = storage
  }

  /// Waits for another content than `original`. A file that cannot be read for a while has not changed.
  /// - Returns: false if the task was cancelled before.
  public func waitForChange(from original: [UInt8]) async throws -> Bool {
    while true {
      let generation = changes.generation
      try changes.watch(WatchedDirectories.of(path, in: storage))
      let (path, storage) = (path, storage)
      let now = try await OwnThread.run("config") { try? storage.contents(of: path, limit: 4 << 20) }
      if let now, now != original { return true }
      guard await changes.changed(since: generation) else { return false }
    }
  }
}
