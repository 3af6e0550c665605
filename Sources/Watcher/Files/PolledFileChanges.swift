import Glibc
import KubernetesAPI
import Synchronization
import Time

/// Checks every few seconds whether entries of directories have changed, for hosts where inotify is not available.
package final class PolledFileChanges: FileChangeFeed {
  private struct State {
    var interests = DirectoryInterests()
    var seen: [String: FileMark] = [:]
    var generation: UInt64 = 0
  }

  /// The pause between two checks.
  package static let interval = Duration.seconds(5)

  private let state = Mutex(State())
  private let clock: any MomentClock

  package init(clock: any MomentClock = SystemClock()) { self.clock = clock }

  package func watch(_ interests: DirectoryInterests) throws(FileError) {
    let seen = FileMark.all(in: interests)
    state.withLock { state in
      state.interests = interests
      state.seen = seen
    }
  }

  package var generation: UInt64 { state.withLock { $0.generation } }

  package func changed(since known: UInt64) async -> Bool {
    while true {
      if generation != known { return true }
      await clock.sleep(for: PolledFileChanges.interval)
      if Task.isCancelled { return false }
      look()
    }
  }

  private func look() {
    let seen = FileMark.all(in: state.withLock { $0.interests })
    state.withLock { state in
      if seen != state.seen { state.generation += 1 }
      state.seen = seen
    }
  }
}

/// The metadata that shows whether a file was changed or replaced.
private struct FileMark: Equatable {
  /// Nanoseconds alone would overflow: a file's time can be far in the future.
  struct Time: Equatable {
    let seconds: Int
    let nanoseconds: Int

    init(_ time: timespec) {
      seconds = time.tv_sec
      nanoseconds = time.tv_nsec
    }
  }

  let inode: UInt
  let size: Int
  /// nil if the time does not matter.
  let modified: Time?
  let changed: Time?

  /// The marks of all watched names, by path. A symbolic link is not followed, because its target is watched
  /// separately.
  static func all(in interests: DirectoryInterests) -> [String: FileMark] {
    var result: [String: FileMark] = [:]
    for (directory, names) in interests.directories {
      let listed = (try? FileSystem().names(in: directory)) ?? []
      for name in listed where names.contains(name) {
        let path = "\(directory)/\(name)"
        result[path] = FileMark(path)
      }
      result[directory] = FileMark(directory)?.withoutTimes(unless: names == .all)
    }
    return result
  }

  private init?(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    self.init(
      inode: UInt(status.st_ino), size: Int(status.st_size), modified: Time(status.st_mtim),
      changed: Time(status.st_ctim))
  }

  private init(inode: UInt, size: Int, modified: Time?, changed: Time?) {
    self.inode = inode
    self.size = size
    self.modified = modified
    self.changed = changed
  }

  /// The times of a directory also change with files that are not watched, so they are ignored then.
  private func withoutTimes(unless isAll: Bool) -> FileMark {
    isAll ? self : FileMark(inode: inode, size: 0, modified: nil, changed: nil)
  }
}
