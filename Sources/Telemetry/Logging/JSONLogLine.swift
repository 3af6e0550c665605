import Logging
import Time

/// The JSON format of Kubernetes' components: `ts` in milliseconds, `caller`, `msg`, `v` or (from warning on) `level`,
/// then the values.
enum JSONLogLine {
  static func text(_ entry: LogEntry) -> String {
    var members = [
      JSONValue.Member("ts", .number(entry.time.milliseconds)), .init("caller", .string(entry.caller)),
      .init("msg", .string(entry.message)),
    ]
    if entry.level < .warning { members.append(.init("v", .int(LogVerbosity.verbosity(entry.level)))) }
    if entry.level >= .warning { members.append(.init("level", .string(entry.level.rawValue))) }
    for value in entry.values { members.append(.init(value.key, json(value.value))) }
    return line(members)
  }

  /// Writes `ts` with all of its digits, because people cannot read a time with an exponent.
  private static func line(_ members: [JSONValue.Member]) -> String {
    var text = "{"
    for (index, member) in members.enumerated() {
      if index > 0 { text += "," }
      text += JSONText.quote(member.name) + ":"
      if case .number(let value) = member.value, index == 0 {
        text += "\(value)"
      } else {
        member.value.write(to: &text)
      }
    }
    return text + "}\n"
  }

  private static func json(_ value: Logger.MetadataValue) -> JSONValue {
    switch value {
    case .string(let text): return .string(text)
    case .stringConvertible(let value as Bool): return .bool(value)
    case .stringConvertible(let value as any BinaryInteger): return .int(Int(clamping: value))
    case .stringConvertible(let value as Double): return .number(value)
    case .stringConvertible(let value): return .string("\(value)")
    case .array(let values): return .array(values.map(json))
    case .dictionary(let values):
      return .object(values.sorted { $0.key < $1.key }.map { .init($0.key, json($0.value)) })
    }
  }
}
