import Glibc
import KubernetesAPI

/// Writes all bytes, however many calls it takes.
enum FileDescriptorWriter {
  static func write(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(FileError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR {
        throw FileError(operation: "write", path: path, code: errno)
      }
    }
  }

  /// Writes a file anew.
  static func write(_ bytes: [UInt8], toFile path: String) throws(FileError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw FileError(operation: "open", path: path, code: errno) }
    defer { close(descriptor) }
    try write(bytes, to: descriptor, path: path)
  }
}
