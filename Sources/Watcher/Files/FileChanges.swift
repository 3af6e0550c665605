import Glibc
import KubernetesAPI
import Logging
import Synchronization
import System
import Time

/// Changes in directories. inotify reports them. If the kernel has no free inotify instance or watch, the directories
/// are polled every few seconds.
package final class FileChanges: FileChangeFeed {
  private let inotify: (any FileChangeFeed)?
  private let polled: PolledFileChanges
  private let polls: Atomic<Bool>
  private let logger: Logger

  /// - Throws: errors other than a limit on inotify instances.
  package convenience init(logger: Logger) throws(FileError) {
    try self.init(logger: logger, clock: SystemClock()) { () throws(FileError) in try Inotify() }
  }

  init(
    logger: Logger, clock: any MomentClock, inotify: () throws(FileError) -> any FileChangeFeed
  ) throws(FileError) {
    self.logger = logger
    polled = PolledFileChanges(clock: clock)
    var feed: (any FileChangeFeed)?
    var refusal: (limit: String, error: FileError)?
    do throws(FileError) {
      feed = try inotify()
    } catch {
      guard let limit = FileChanges.limit(error) else { throw error }
      refusal = (limit, error)
    }
    self.inotify = feed
    polls = Atomic(feed == nil)
    if let refusal { tell(refusal.limit, refusal.error) }
  }

  package func watch(_ interests: DirectoryInterests) throws(FileError) {
    if let inotify, !polls.load(ordering: .relaxed) {
      do throws(FileError) {
        try inotify.watch(interests)
        return
      } catch {
        guard let limit = FileChanges.limit(error) else { throw error }
        polls.store(true, ordering: .relaxed)
        tell(limit, error)
      }
    }
    try polled.watch(interests)
  }

  package var generation: UInt64 { feed.generation }

  package func changed(since known: UInt64) async -> Bool { await feed.changed(since: known) }

  private var feed: any FileChangeFeed {
    if let inotify, !polls.load(ordering: .relaxed) { return inotify }
    return polled
  }

  /// The limit that was reached; nil for other errors. inotify_init1 gives EMFILE for two limits: the user's inotify
  /// instances and this process's open files.
  private static func limit(_ error: FileError) -> String? {
    switch (error.operation, error.code) {
    case ("inotify_init1", EMFILE): "fs.inotify.max_user_instances or this process's limit of open files (ulimit -n)"
    case ("watch", ENOSPC): "fs.inotify.max_user_watches"
    default: nil
    }
  }

  private func tell(_ limit: String, _ error: FileError) {
    let reason = SystemError(action: error.operation, code: error.code)
    logger.warning(
      "the kernel cannot report file changes because \(limit) is used up; checking the files every few seconds instead",
      metadata: ["every": "\(PolledFileChanges.interval)", "error": "\(reason)"])
  }
}
