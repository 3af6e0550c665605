import CBenchmark
import Glibc

/// A file without a name, gone with its last descriptor: restore input that a process reads as fast as it can.
final class MemoryFile: Sendable {
  let descriptor: Int32

  init(_ name: String) throws(BenchmarkError) {
    descriptor = try check(memfd_create(name, 1), "make a memory file")
  }

  convenience init(_ name: String, _ bytes: [UInt8]) throws(BenchmarkError) {
    try self.init(name)
    try write(bytes)
  }

  deinit { close(descriptor) }

  func write(_ bytes: [UInt8]) throws(BenchmarkError) {
    var start = 0
    while start < bytes.count {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + start, $0.count - start) }
      start += try check(count, "write to a memory file")
    }
  }

  /// From its beginning, for the next reader.
  func rewind() throws(BenchmarkError) { try check(lseek(descriptor, 0, SEEK_SET), "rewind a memory file") }

  func readAll() throws(BenchmarkError) -> String {
    try rewind()
    return try MemoryFile.text(of: descriptor)
  }

  static func text(of descriptor: Int32) throws(BenchmarkError) -> String {
    var result: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = try check(read(descriptor, &buffer, buffer.count), "read")
      if count == 0 { return String(decoding: result, as: UTF8.self) }
      result += buffer.prefix(count)
    }
  }
}
