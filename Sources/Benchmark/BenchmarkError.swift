/// Why a benchmark stopped.
package enum BenchmarkError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A program ended with another status than 0.
  case program(command: String, status: Int32, output: String)
  /// Rules would have been written to a network namespace where they may do harm.
  case hostNamespace(String)
  case unusable(String)

  package var description: String {
    switch self {
    case .program(let command, let status, let output): "\(command): exit status \(status): \(output)"
    case .hostNamespace(let why): "refusing to write rules: \(why)"
    case .unusable(let why): why
    }
  }
}
