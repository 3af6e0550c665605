import CLinux
import Glibc

/// A memfd: a file in memory without a name. A program can read or write it, and no thread has to serve a pipe.
package final class MemoryFile: Sendable {
  private let descriptor: Descriptor
  private let limit: Int?

  /// - Parameters:
  ///   - name: shown under `/proc/PID/fd`.
  ///   - limit: maximum size in bytes. The kernel refuses more, so a program with endless output cannot fill the
  ///     memory.
  package init(_ name: String, limit: Int? = nil) throws(SystemError) {
    descriptor = try MemoryFile.make(name)
    self.limit = limit
    guard let limit else { return }
    try SystemError.check(ftruncate(descriptor.number, limit), "set the size of a memory file")
    try SystemError.check(fcntl(descriptor.number, SKP_F_ADD_SEALS, SKP_F_SEAL_GROW), "seal a memory file")
  }

  /// A file that contains these bytes, for a program to read.
  package convenience init(_ name: String, holding bytes: some Sequence<UInt8>) throws(SystemError) {
    try self.init(name)
    try write(bytes)
    try rewind()
  }

  /// Marks the file as not executable. `vm.memfd_noexec=2` requires this mark, and kernels before 6.3 do not know it.
  private static func make(_ name: String) throws(SystemError) -> Descriptor {
    var number = memfd_create(name, SKP_MFD_CLOEXEC_SEALABLE | SKP_MFD_NOEXEC_SEAL)
    if number < 0 && errno == EINVAL { number = memfd_create(name, SKP_MFD_CLOEXEC_SEALABLE) }
    return Descriptor(owning: try SystemError.check(number, "make a memory file"))
  }

  /// A descriptor for a program. All descriptors of the file share one position.
  package func duplicate() throws(SystemError) -> Descriptor { try descriptor.duplicate() }

  package func write(_ bytes: some Sequence<UInt8>) throws(SystemError) { try descriptor.write(bytes) }

  /// Sets the position to the start, for the next reader.
  package func rewind() throws(SystemError) {
    try SystemError.check(lseek(descriptor.number, 0, SEEK_SET), "rewind a memory file")
  }

  /// Everything up to the position at which the last writer stopped.
  package func written() throws(SystemError) -> [UInt8] {
    let end = Int(try SystemError.check(lseek(descriptor.number, 0, SEEK_CUR), "ask for a memory file's position"))
    var bytes = [UInt8](repeating: 0, count: min(end, limit ?? end))
    var start = 0
    while start < bytes.count {
      let count = bytes.withUnsafeMutableBytes { buffer in
        pread(descriptor.number, buffer.baseAddress! + start, buffer.count - start, off_t(start))
      }
      if count < 0 && errno == EINTR { continue }
      if try SystemError.check(count, "read a memory file") == 0 { break }
      start += count
    }
    return Array(bytes.prefix(start))
  }

  /// The result of `written` as text. Bytes that are not valid UTF-8 are replaced.
  package func text() throws(SystemError) -> String { String(decoding: try written(), as: UTF8.self) }

  /// Whether a writer reached the limit, so that the end of its output may be missing.
  package var isFull: Bool { limit.map { lseek(descriptor.number, 0, SEEK_CUR) >= off_t($0) } ?? false }
}
