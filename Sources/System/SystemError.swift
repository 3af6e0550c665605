import Glibc

/// A failed call to the operating system.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was attempted, like `make a pipe`.
  package let action: String
  /// The `errno`.
  package let code: Int32

  package init(action: String, code: Int32) {
    self.action = action
    self.code = code
  }

  /// The system's text for the code.
  package var reason: String { String(cString: strerror(code)) }

  package var description: String { "\(action): \(reason)" }

  /// Returns the result of a call. Throws an error with the `errno` if the result is negative.
  @discardableResult
  package static func check<Number: SignedInteger>(
    _ result: Number, _ action: @autoclosure () -> String
  ) throws(SystemError) -> Number {
    guard result < 0 else { return result }
    let code = errno
    throw SystemError(action: action(), code: code)
  }
}
