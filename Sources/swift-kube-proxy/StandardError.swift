#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Where the program writes to besides its log.
enum StandardError {
  /// Writes a line, or several. What a file says of itself is no command to the terminal: control characters are escaped.
  static func write(_ line: String) {
    var text = ""
    for scalar in (line + "\n").unicodeScalars {
      let isControl = scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
      text += isControl ? scalar.escaped(asASCII: true) : String(scalar)
    }
    // Nothing is left to tell of a failure to.
    try? FileDescriptorWriter.write(Array(text.utf8), to: STDERR_FILENO, path: "standard error")
  }
}
