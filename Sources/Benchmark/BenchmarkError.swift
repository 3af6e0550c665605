import System

/// Why a benchmark stopped.
package enum BenchmarkError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A system call failed with this `errno`.
  case system(action: String, code: Int32)
  /// A program ended with another status than 0.
  case program(command: String, status: Int32, output: String)
  /// Rules would have been written to a network namespace where they may do harm.
  case hostNamespace(String)
  case unusable(String)

  init(_ error: SystemError) { self = .system(action: error.action, code: error.code) }

  package var description: String {
    switch self {
    case .system(let action, let code): SystemError(action: action, code: code).description
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
  do throws(SystemError) {
    return try SystemError.check(result, action())
  } catch {
    throw BenchmarkError(error)
  }
}
