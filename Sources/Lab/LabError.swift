import FoundationEssentials
import Glibc

/// What the lab could not do.
public enum LabError: Error, Sendable, CustomStringConvertible {
  /// A system call failed with this `errno`.
  case system(action: String, code: Int32)
  /// A program ended with another status than 0.
  case program(arguments: [String], status: Int32, output: String)
  /// Something that was waited for did not come.
  case missed(what: String, log: [String])
  case unusable(String)

  public var description: String {
    switch self {
    case .system(let action, let code): "\(action): \(String(cString: strerror(code)))"
    case .program(let arguments, let status, let output):
      "\(arguments.joined(separator: " ")): status \(status): \(output)"
    case .missed(let what, let log): "waited in vain for \(what); log:\n" + log.joined(separator: "\n")
    case .unusable(let why): why
    }
  }
}

/// The result of a system call, or an error that says what was attempted where it is negative.
@discardableResult
func check<Number: SignedInteger>(_ result: Number, _ action: @autoclosure () -> String) throws(LabError) -> Number {
  if result < 0 {
    let code = errno
    throw .system(action: action(), code: code)
  }
  return result
}
