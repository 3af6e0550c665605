import Glibc
import IPTables

/// An iptables program that did not start or did not succeed.
package struct CommandError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Cause: Sendable, Equatable {
    /// There is no such program.
    case notFound
    /// The operating system did not start it, or did not provide a resource that it needs.
    case notStarted(String)
    /// The code that produces its input failed.
    case inputBroke(String)
    case exited(Int32)
    case signalled(Int32)
    /// It ended, but the kernel did not say how. The text is the reason.
    case unknownEnd(String)
    /// Its output does not have the expected form.
    case unreadableOutput
  }

  /// Whether the next attempt may succeed. Such an error does not tell what the program supports. SIGKILL comes from
  /// another process or from the kernel when it has no memory left.
  var isPassing: Bool {
    switch cause {
    case .notStarted, .unknownEnd, .signalled(SIGKILL): true
    default: false
    }
  }

  /// The command line.
  package var command: String
  package var cause: Cause
  /// The first kilobytes that it wrote to standard error.
  package var standardError: String
  /// The part of the restore input that the process read, counted from 0.
  var inputPart = 0

  package init(command: String, cause: Cause, standardError: String = "") {
    self.command = command
    self.cause = cause
    self.standardError = standardError
  }

  /// The line that iptables-restore reports, counted from 1 within its part of the input.
  ///
  /// All versions and both backends write `line N` (`line 5 failed`, `line 5: CHAIN_ADD failed`).
  var failingLine: Int? {
    for match in standardError.matches(of: /line:? ?([0-9]{1,9})/) {
      if let line = Int(match.1), line > 0 { return line }
    }
    return nil
  }

  /// The chains that the kernel did not delete because something refers to them, as iptables-nft names them: `line 5:
  /// CHAIN_DEL failed (Device or resource busy): chain KUBE-SERVICES`.
  ///
  /// It is the only sign of references that iptables-nft-save does not print, such as a verdict map's.
  var busyChains: Set<ChainName> {
    Set(standardError.matches(of: /CHAIN_DEL failed \(Device or resource busy\): chain (\S+)/).map { ChainName($0.1) })
  }

  package var description: String {
    let reason =
      switch cause {
      case .notFound: "no such program"
      case .notStarted(let why): "not started: \(why)"
      case .inputBroke(let why): "its input ended early: \(why)"
      case .exited(let code): "exit status \(code)"
      case .signalled(let signal): "ended by signal \(signal)"
      case .unknownEnd(let why): "it is unknown how it ended: \(why)"
      case .unreadableOutput: "unreadable output"
      }
    let text = standardError.split(whereSeparator: \.isNewline).joined(separator: "; ")
    return text.isEmpty ? "\(command): \(reason)" : "\(command): \(reason): \(text)"
  }
}
