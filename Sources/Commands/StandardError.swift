import Glibc

/// Writes messages that are not log lines to standard error.
enum StandardError {
  /// Writes one line or several. Control characters are escaped, so that text from a file cannot control the terminal.
  static func write(_ line: String) {
    var text = ""
    for scalar in (line + "\n").unicodeScalars {
      let isControl = scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
      text += isControl ? scalar.escaped(asASCII: true) : String(scalar)
    }
    // If writing to standard error fails, there is no other place to report the failure.
    try? FileDescriptorWriter.write(Array(text.utf8), to: STDERR_FILENO, path: "standard error")
  }
}
