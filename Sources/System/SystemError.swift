import Glibc

/// A call to the operating system that failed.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was attempted, as `make a pipe`.
  package let action: String
  /// The `errno`.
  package let code: Int32

  package init(action: String, code: Int32) {
    self.action = action
    self.code = code
  }

  package var description: String { "\(action): \(String(cString: strerror(code)))" }

  /// The result of a call, or an error with its `errno` where the result is negative.
  @discardableResult
  package static func check<Number: SignedInteger>(
    _ result: Number, _ action: @autoclosure () -> String
  ) throws(SystemError) -> Number {
    guard result < 0 else { return result }
    let code = errno
    throw SystemError(action: action(), code: code)
  }
}
