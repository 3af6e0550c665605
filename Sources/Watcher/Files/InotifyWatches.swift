import Glibc
import KubernetesAPI
import Synchronization

/// The watches of an inotify instance, by watch descriptor, with the names that matter for each.
final class InotifyWatches: Sendable {
  private static let mask =
    UInt32(IN_CLOSE_WRITE) | UInt32(IN_CREATE) | UInt32(IN_DELETE) | UInt32(IN_MOVED_FROM) | UInt32(IN_MOVED_TO)
    | UInt32(IN_DELETE_SELF) | UInt32(IN_MOVE_SELF) | UInt32(IN_ONLYDIR)

  private let descriptor: Int32
  private let names = Mutex<[Int32: DirectoryInterests.Names]>([:])

  init(descriptor: Int32) { self.descriptor = descriptor }

  /// Sets the watches, instead of the previous ones. If it throws, there are none, because each watch counts towards a
  /// limit that all programs of the user share.
  func replace(_ interests: DirectoryInterests) throws(FileError) {
    let failure = names.withLock { names -> FileError? in
      var next: [Int32: DirectoryInterests.Names] = [:]
      for (path, wanted) in interests.directories.sorted(by: { $0.key < $1.key }) {
        // A known path is added again because a different directory may be there now. Two paths of the same directory
        // have the same watch descriptor.
        let watch = inotify_add_watch(descriptor, path, InotifyWatches.mask)
        guard watch >= 0 else {
          // The directory was removed in the meantime. The watch on its parent directory reports that.
          if errno == ENOENT || errno == ENOTDIR { continue }
          let failure = FileError(operation: "watch", path: path, code: errno)
          for watch in Set(names.keys).union(next.keys) { inotify_rm_watch(descriptor, watch) }
          names = [:]
          return failure
        }
        next[watch] = next[watch]?.union(wanted) ?? wanted
      }
      for watch in names.keys where next[watch] == nil { inotify_rm_watch(descriptor, watch) }
      names = next
      return nil
    }
    if let failure { throw failure }
  }

  /// Whether an event matters. An event without a name is about the directory itself.
  func isInterested(in name: String, of watch: Int32) -> Bool {
    names.withLock { names in
      guard let wanted = names[watch] else { return false }
      return name.isEmpty || wanted.contains(name)
    }
  }
}
