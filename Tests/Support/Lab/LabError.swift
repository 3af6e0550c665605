/// An operation of the lab that failed.
package enum LabError: Error, Sendable, CustomStringConvertible {
  /// A program ended with a status other than 0.
  case program(arguments: [String], status: Int32, output: String)
  /// A line or an event that the lab waited for did not come.
  case missed(what: String, log: [String])
  case unusable(String)

  package var description: String {
    switch self {
    case .program(let arguments, let status, let output):
      "\(arguments.joined(separator: " ")): status \(status): \(output)"
    case .missed(let what, let log): "timed out waiting for \(what); log:\n" + log.joined(separator: "\n")
    case .unusable(let why): why
    }
  }
}
