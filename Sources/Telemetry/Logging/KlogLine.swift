import Logging
import ServiceModel
import Time

/// klog's structured text. Every string is quoted, so a name from the cluster cannot end a line or look like a key.
enum KlogLine {
  static func text(_ entry: LogEntry) -> String {
    var line = "\(letter(entry.level))\(entry.time.klogHeader) \(entry.process) \(entry.caller)] "
    line += quote(entry.message)
    for value in entry.values { line += " \(key(value.key))=\(text(value.value))" }
    return line + "\n"
  }

  private static func letter(_ level: Logger.Level) -> String {
    switch level {
    case .critical: "F"
    case .error: "E"
    case .warning: "W"
    default: "I"
    }
  }

  private static func quote(_ text: String) -> String {
    "\"" + PlainText.line(text).escaping("\"") + "\""
  }

  /// Keys come from this program. A key that is not a plain word is quoted, so it cannot look like two keys.
  private static func key(_ key: String) -> String {
    let isWord = !key.isEmpty && key.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != 0x22 && $0 != 0x3d }
    return isWord ? key : quote(key)
  }

  private static func text(_ value: Logger.MetadataValue) -> String {
    switch value {
    case .string(let text): return quote(text)
    case .stringConvertible(let value): return isBare(value) ? "\(value)" : quote("\(value)")
    case .array(let values): return "[\(values.map(text).joined(separator: ","))]"
    case .dictionary(let values):
      let members = values.sorted { $0.key < $1.key }.map { "\(key($0.key))=\(text($0.value))" }
      return "{\(members.joined(separator: " "))}"
    }
  }

  static func isBare(_ value: any CustomStringConvertible & Sendable) -> Bool {
    value is any BinaryInteger || value is Bool || value is any BinaryFloatingPoint
  }
}
