import CLinux
import Glibc

/// Where a program writes its standard error to: a file in memory that takes the first kilobytes and refuses the rest, so
/// that nobody has to read while it runs.
///
/// swift-subprocess could read the stream, but remembers each process whose output it has read (1.0.2: `AsyncIO`'s
/// registrations), about 60 bytes for every sync.
final class ErrorFile: Sendable {
  let descriptor: Int32

  private static let size = 4096

  init(for command: String) throws(CommandError) {
    descriptor = memfd_create("standard error", SKP_MFD_CLOEXEC_SEALABLE)
    guard descriptor >= 0, ftruncate(descriptor, ErrorFile.size) == 0,
      fcntl(descriptor, SKP_F_ADD_SEALS, SKP_F_SEAL_GROW) == 0
    else {
      let problem = String(cString: strerror(errno))
      if descriptor >= 0 { close(descriptor) }
      throw CommandError(command: command, cause: .notStarted("file in memory: \(problem)"))
    }
  }

  deinit { close(descriptor) }

  /// What has been written so far. The program shares the descriptor's position.
  var text: String {
    var bytes = [UInt8](repeating: 0, count: ErrorFile.size)
    let written = Int(lseek(descriptor, 0, SEEK_CUR))
    let count = pread(descriptor, &bytes, min(max(0, written), ErrorFile.size), 0)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }
}
