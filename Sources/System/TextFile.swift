import Glibc

/// Small files that the kernel provides under /proc and /sys. They report no size.
package enum TextFile {
  /// The first MiB.
  package static func read(_ path: String) throws(SystemError) -> String {
    String(decoding: try Descriptor(opening: path).readAll(atMost: 1 << 20), as: UTF8.self)
  }

  /// Replaces the contents with one write, as /proc requires.
  package static func write(_ text: String, to path: String) throws(SystemError) {
    let file = try Descriptor(opening: path, O_WRONLY)
    let count = Glibc.write(file.number, text, text.utf8.count)
    guard try SystemError.check(count, "write \(path)") == text.utf8.count else {
      throw SystemError(action: "write \(path)", code: EIO)
    }
  }
}
