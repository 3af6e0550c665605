import Glibc

/// Why a benchmark stopped.
package enum BenchmarkError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A system call failed with this `errno`.
  case system(action: String, code: Int32)
  /// A program ended with another status than 0.
  case program(command: String, status: Int32, output: String)
  /// Rules would have been written to a network namespace where they may do harm.
  case hostNamespace(String)
  case unusable(String)

  package var description: String {
    switch self {
    case .system(let action, let code): "\(action): \(String(cString: strerror(code)))"
    case .program(let command, let status, let output): "\(command): exit status \(status): \(output)"
    case .hostNamespace(let why): "refusing to write rules: \(why)"
    case .unusable(let why): why
    }
  }
}

/// The result of a system call. Throws an error that names the action if the result is negative.
@discardableResult
func check<Number: SignedInteger>(
  _ result: Number, _ action: @autoclosure () -> String
) throws(BenchmarkError) -> Number {
  guard result < 0 else { return result }
  let code = errno
  throw .system(action: action(), code: code)
}
