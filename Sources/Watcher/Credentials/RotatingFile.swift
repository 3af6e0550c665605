import Glibc
import System

/// A file that is read again when it was replaced or written. The kubelet replaces tokens and certificates while the
/// program runs.
struct RotatingFile {
  private struct Stamp: Equatable {
    var device: UInt
    var inode: UInt
    var size: Int
    var seconds: Int
    var nanoseconds: Int
  }

  private static let limit = 1 << 20

  let path: String
  private var stamp: Stamp?
  private var cached: [UInt8] = []

  init(path: String) { self.path = path }

  /// The current content of the file. The file is read only if its metadata changed.
  mutating func contents() throws(CredentialError) -> [UInt8] {
    let now = try currentStamp()
    if stamp == now { return cached }
    cached = try read()
    stamp = now
    return cached
  }

  private func currentStamp() throws(CredentialError) -> Stamp {
    var info = stat()
    guard stat(path, &info) == 0 else {
      throw .unreadable(path: path, reason: SystemError(action: "stat", code: errno).reason)
    }
    // Opening a pipe would block until another process writes to it.
    guard info.st_mode & S_IFMT == S_IFREG else { throw .unreadable(path: path, reason: "not a regular file") }
    return Stamp(
      device: info.st_dev, inode: info.st_ino, size: info.st_size, seconds: info.st_mtim.tv_sec,
      nanoseconds: info.st_mtim.tv_nsec)
  }

  private func read() throws(CredentialError) -> [UInt8] {
    let result: [UInt8]
    do throws(SystemError) {
      result = try Descriptor(opening: path).readAll(atMost: RotatingFile.limit + 1)
    } catch {
      throw .unreadable(path: path, reason: error.reason)
    }
    guard result.count <= RotatingFile.limit else { throw .unreadable(path: path, reason: "larger than 1 MiB") }
    return result
  }
}
