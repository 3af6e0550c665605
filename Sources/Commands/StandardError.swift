import Glibc
import ServiceModel

/// Writes messages that are not log lines to standard error.
enum StandardError {
  /// Writes one line or several. Characters that people cannot see are escaped, so that text from a file cannot control
  /// the terminal.
  static func write(_ line: String) {
    var text = ""
    for scalar in (line + "\n").unicodeScalars {
      if scalar == "\n" || scalar == "\t" {
        text.unicodeScalars.append(scalar)
      } else {
        text.appendVisibly(scalar)
      }
    }
    // If writing to standard error fails, there is no other place to report the failure.
    try? FileDescriptorWriter.write(Array(text.utf8), to: STDERR_FILENO, path: "standard error")
  }
}
