#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Where the program writes to besides its log.
enum StandardError {
  /// Writes a line.
  static func write(_ line: String) {
    // Nothing is left to tell of a failure to.
    try? FileDescriptorWriter.write(Array((line + "\n").utf8), to: STDERR_FILENO, path: "standard error")
  }
}
