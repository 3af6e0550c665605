import Glibc

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
    guard stat(path, &info) == 0 else { throw failure() }
    // Opening a pipe would block until another process writes to it.
    guard info.st_mode & S_IFMT == S_IFREG else { throw .unreadable(path: path, reason: "no regular file") }
    return Stamp(
      device: info.st_dev, inode: info.st_ino, size: info.st_size, seconds: info.st_mtim.tv_sec,
      nanoseconds: info.st_mtim.tv_nsec)
  }

  private func read() throws(CredentialError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure() }
    defer { close(descriptor) }
    var result: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw failure() }
      if count == 0 { return result }
      result += buffer.prefix(count)
      guard result.count <= 1 << 20 else { throw .unreadable(path: path, reason: "larger than 1 MiB") }
    }
  }

  private func failure() -> CredentialError { .unreadable(path: path, reason: String(cString: strerror(errno))) }
}
