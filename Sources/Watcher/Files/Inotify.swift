import Glibc
import KubernetesAPI
import System

/// Changes in directories as reported by the kernel (inotify(7)).
///
/// It watches directories, not files. Editors and ConfigMap volumes replace a file by renaming another file over it, so
/// a watch on the file itself would miss the new one. A file that is being written counts as changed when it is closed.
package final class Inotify: FileChangeFeed {
  private let descriptor: Int32
  /// Stops the thread.
  private let stop: PollWakeUp
  private let counter = ChangeCounter()
  private let watches: InotifyWatches

  package init() throws(FileError) {
    let descriptor = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
    guard descriptor >= 0 else { throw FileError(operation: "inotify_init1", path: "", code: errno) }
    do throws(SystemError) {
      stop = try PollWakeUp()
    } catch {
      close(descriptor)
      throw FileError(operation: "eventfd", path: "", code: error.code)
    }
    self.descriptor = descriptor
    watches = InotifyWatches(descriptor: descriptor)
    do throws(SystemError) {
      let reader = InotifyReader(descriptor: descriptor, stop: stop, watches: watches, counter: counter)
      try OwnThread.start("inotify") { reader.run() }
    } catch {
      close(descriptor)
      throw FileError(operation: "pthread_create", path: "", code: error.code)
    }
  }

  /// The thread closes the descriptor of inotify because it uses it last.
  deinit { stop.signal() }

  package func watch(_ interests: DirectoryInterests) throws(FileError) { try watches.replace(interests) }

  package var generation: UInt64 { counter.generation }

  package func changed(since known: UInt64) async -> Bool { await counter.changed(since: known) }
}
