import Glibc
import Logging
import System
import Time

/// Writes log events as lines.
package struct LineHandler: LogHandler {
  package var metadata: Logger.Metadata = [:]
  package var metadataProvider: Logger.MetadataProvider?
  package var logLevel: Logger.Level

  private let format: LogFormat
  private let clock: @Sendable () -> Moment
  private let write: @Sendable (String) -> Void

  /// `write` gets whole lines and is called from any thread.
  package init(
    format: LogFormat, verbosity: Int, clock: @escaping @Sendable () -> Moment = Moment.now,
    write: @escaping @Sendable (String) -> Void
  ) {
    self.format = format
    self.clock = clock
    self.write = write
    logLevel = LogVerbosity.level(verbosity)
  }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    var all = metadata
    if let provided = metadataProvider?.get() { all.merge(provided) { _, new in new } }
    if let own = event.metadata { all.merge(own) { _, new in new } }
    if let error = event.error { all["err"] = "\(error)" }
    let file = event.file.split(separator: "/").last ?? "?"
    let entry = LogEntry(
      level: event.level, message: event.message.description,
      values: all.sorted { $0.key < $1.key }.map { LogEntry.Value(key: $0.key, value: $0.value) },
      caller: "\(file):\(event.line)", time: clock().wall, process: getpid())
    write(format.line(entry))
  }
}

extension LineHandler {
  /// Makes all loggers of the process write to standard error. Call this once, before the first logger is created.
  package static func bootstrap(format: LogFormat, verbosity: Int) {
    LoggingSystem.bootstrap { _ in LineHandler(format: format, verbosity: verbosity, write: writeToStandardError) }
  }

  /// Writes one line with one call, so that lines of several threads do not mix.
  private static func writeToStandardError(_ line: String) {
    // If it fails, the reader of standard error is gone, so the error cannot be reported.
    try? Descriptor.write(line.utf8, to: STDERR_FILENO)
  }
}
