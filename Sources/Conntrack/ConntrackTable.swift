import Glibc
import ServiceModel
import System

/// The kernel's connection tracking table, or a replacement for it in tests.
package protocol ConntrackTable: Sendable {
  /// Reads all flows of a family and protocol once and deletes those that `isStale` selects.
  ///
  /// Memory use does not grow with the table. `isStale` is called from another thread, one flow at a time. A flow that
  /// ends while the sweep runs may or may not be seen.
  ///
  /// If a part of the work fails, the report has the failure and counts the rest.
  /// - Throws: if the sweep did not begin, or if its task was cancelled.
  func sweep(
    _ family: IPFamily, _ transport: TransportProtocol, isStale: @escaping @Sendable (Flow) -> Bool
  ) async throws(ConntrackError) -> SweepReport
}

/// What one sweep found and deleted.
package struct SweepReport: Hashable, Sendable {
  /// Flows that were looked at.
  package var examined: Int
  package var deleted: Int
  /// Stale flows that had already ended before they could be deleted.
  var vanished: Int
  /// Why the sweep did not delete all stale flows; nil if it did. The counts are right in both cases.
  package var failure: ConntrackError?

  package init(examined: Int = 0, deleted: Int = 0, vanished: Int = 0) {
    self.examined = examined
    self.deleted = deleted
    self.vanished = vanished
  }

  static func += (left: inout SweepReport, right: SweepReport) {
    left.examined += right.examined
    left.deleted += right.deleted
    left.vanished += right.vanished
    left.failure = left.failure ?? right.failure
  }
}

/// An operation on the connection tracking table that failed.
package struct ConntrackError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Step: String, Hashable, Sendable {
    case startThread = "start a thread"
    case openSocket = "open a netlink socket"
    case requestDump = "ask for the conntrack table"
    case readDump = "read the conntrack table"
    case delete = "delete conntrack entries"
    case cancelled = "finish, because the proxy ends"
  }

  package let step: Step
  /// `errno` of the failure; 0 if there is none.
  package let code: Int32
  /// The system's text for `code`.
  package let cause: String

  package init(step: Step, code: Int32, cause: String) {
    self.step = step
    self.code = code
    self.cause = cause
  }

  init(_ step: Step, code: Int32) {
    self.init(step: step, code: code, cause: String(cString: strerror(code)))
  }

  /// Returns the result of `body`. If a call to the system fails there, the error is one of this step.
  static func during<Result>(
    _ step: Step, _ body: () throws(SystemError) -> Result
  ) throws(ConntrackError) -> Result {
    do {
      return try body()
    } catch {
      throw ConntrackError(step, code: error.code)
    }
  }

  package var description: String { "cannot \(step.rawValue): \(cause) (errno \(code))" }
}
