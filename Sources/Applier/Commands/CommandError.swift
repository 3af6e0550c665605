/// An iptables program that could not be run to its good end.
public struct CommandError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Cause: Sendable, Equatable {
    /// There is no such program.
    case notFound
    /// The operating system would not start it, or would not give what a process needs.
    case notStarted(String)
    /// What made its input failed.
    case inputBroke(String)
    case exited(Int32)
    case signalled(Int32)
    /// Its output was not what the program prints.
    case unreadableOutput
  }

  /// Whether a process was started, so that some of what it was to do may be done.
  public var wasStarted: Bool {
    switch cause {
    case .notFound, .notStarted: false
    case .inputBroke, .exited, .signalled, .unreadableOutput: true
    }
  }

  /// The command line.
  public var command: String
  public var cause: Cause
  /// The first kilobytes of what it wrote to standard error.
  public var standardError: String
  /// Which part of the restore input the program was given, counted from 0.
  public var inputPart = 0

  public init(command: String, cause: Cause, standardError: String = "") {
    self.command = command
    self.cause = cause
    self.standardError = standardError
  }

  /// The line of its part of the input that iptables-restore complains about, counted from 1.
  ///
  /// All its versions and both backends write `line N` (`line 5 failed`, `line 5: CHAIN_ADD failed`).
  public var failingLine: Int? {
    for match in standardError.matches(of: /line:? ?([0-9]{1,9})/) {
      if let line = Int(match.1), line > 0 { return line }
    }
    return nil
  }

  public var description: String {
    let reason =
      switch cause {
      case .notFound: "no such program"
      case .notStarted(let why): "not started: \(why)"
      case .inputBroke(let why): "its input ended early: \(why)"
      case .exited(let code): "exit status \(code)"
      case .signalled(let signal): "ended by signal \(signal)"
      case .unreadableOutput: "unreadable output"
      }
    let text = standardError.split(whereSeparator: \.isNewline).joined(separator: "; ")
    return text.isEmpty ? "\(command): \(reason)" : "\(command): \(reason): \(text)"
  }
}
