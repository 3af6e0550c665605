import KubernetesAPI
import System
import Time

/// Notices when a file's content differs from the content at the start, for example a configuration file that only a
/// new process reads.
package struct FileContentWatch: Sendable {
  private let path: String
  private let storage: any ManifestStorage
  private let changes: any FileChangeFeed
  private let clock: any MomentClock

  package init(
    path: String, changes: any FileChangeFeed, storage: any ManifestStorage = FileSystem(),
    clock: any MomentClock = SystemClock()
  ) {
    self.path = path
    self.changes = changes
    self.storage = storage
    self.clock = clock
  }

  /// Waits until the content differs from `original`. A file that cannot be read for a while counts as unchanged.
  /// Standard input (`-`) was read to its end, so it never changes.
  /// - Returns: false if the task was cancelled before a change.
  /// - Throws: `FileError` if the file cannot be watched at the start. Later such an error leads to another attempt.
  ///   `FileChangesEnded` if it cannot be watched any more.
  package func waitForChange(from original: [UInt8]) async throws -> Bool {
    var isFirst = true
    while true {
      let generation = changes.generation
      do throws(FileError) {
        if path != "-" { try changes.watch(WatchedDirectories.of(path, in: storage)) }
      } catch {
        if isFirst { throw error }
        await clock.sleep(for: .seconds(5))
        try Task.checkCancellation()
        continue
      }
      isFirst = false
      if path != "-", let now = await contents(), now != original { return true }
      guard await changes.changed(since: generation) else {
        if Task.isCancelled { return false }
        throw FileChangesEnded(path: path)
      }
    }
  }

  private func contents() async -> [UInt8]? {
    let (path, storage) = (path, storage)
    return await OwnThread.runAnyway("config") { try? storage.contents(of: path, limit: 4 << 20) }
  }
}
