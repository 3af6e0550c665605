import Logging
import Time

/// The format of log lines: `logging.format` of the configuration.
package enum LogFormat: String, Hashable, Sendable {
  /// klog's format: `I1121 01:07:55.139364 4711 FamilySync.swift:42] "Message" key="value"`.
  case text
  /// One JSON object in each line, as Kubernetes' components write it.
  case json

  /// One line with its line feed.
  func line(_ entry: LogEntry) -> String {
    switch self {
    case .text: KlogLine.text(entry)
    case .json: JSONLogLine.text(entry)
    }
  }
}

/// A log event with all that its line contains.
struct LogEntry: Sendable {
  let level: Logger.Level
  let message: String
  /// Ordered by key.
  let values: [Value]
  /// `FILE:LINE`, without folders.
  let caller: String
  let time: WallTime
  let process: Int32

  struct Value: Sendable {
    let key: String
    let value: Logger.MetadataValue
  }
}

/// Translates kube-proxy's verbosity `-v` to the levels of swift-log.
enum LogVerbosity {
  /// The lowest level that is logged. 0 and 1 are for operators, 2 to 4 for finding problems, 5 and more for debugging
  /// the proxy itself.
  static func level(_ verbosity: Int) -> Logger.Level {
    switch verbosity {
    case ..<2: .info
    case 2...4: .debug
    default: .trace
    }
  }

  /// The lowest verbosity at which events of a level are logged.
  static func verbosity(_ level: Logger.Level) -> Int {
    switch level {
    case .trace: 5
    case .debug: 2
    default: 0
    }
  }
}
