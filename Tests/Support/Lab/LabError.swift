import FoundationEssentials
import Glibc
import System

/// An operation of the lab that failed.
package enum LabError: Error, Sendable, CustomStringConvertible {
  /// A system call failed with this `errno`.
  case system(action: String, code: Int32)
  /// A program ended with a status other than 0.
  case program(arguments: [String], status: Int32, output: String)
  /// A line or an event that the lab waited for did not come.
  case missed(what: String, log: [String])
  case unusable(String)

  package var description: String {
    switch self {
    case .system(let action, let code): "\(action): \(String(cString: strerror(code)))"
    case .program(let arguments, let status, let output):
      "\(arguments.joined(separator: " ")): status \(status): \(output)"
    case .missed(let what, let log): "timed out waiting for \(what); log:\n" + log.joined(separator: "\n")
    case .unusable(let why): why
    }
  }
}

extension LabError {
  /// Converts an error of running a program.
  init(_ error: any Error) {
    self =
      switch error {
      case let error as LabError: error
      case let error as SystemError: .system(action: error.action, code: error.code)
      case let error as ProcessNotStarted: .system(action: "start \(error.program)", code: error.cause.code)
      default: .unusable("\(error)")
      }
  }
}

/// Returns the result of a system call. Throws an error that names the action if the result is negative.
@discardableResult
func check<Number: SignedInteger>(_ result: Number, _ action: @autoclosure () -> String) throws(LabError) -> Number {
  if result < 0 {
    let code = errno
    throw .system(action: action(), code: code)
  }
  return result
}
