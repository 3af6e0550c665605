import ServiceModel

/// The kernel's connection tracking table, or a replacement for it in tests.
public protocol ConntrackTable: Sendable {
  /// Reads all flows of a family and protocol once and deletes those that `isStale` selects.
  ///
  /// Memory use does not grow with the table. `isStale` is called from another thread, one flow at a time. A flow that
  /// ends while the sweep runs may or may not be seen.
  func sweep(
    _ family: IPFamily, _ transport: TransportProtocol, isStale: @escaping @Sendable (Flow) -> Bool
  ) async throws(ConntrackError) -> SweepReport
}

/// What one sweep found and deleted.
public struct SweepReport: Hashable, Sendable {
  /// Flows that were looked at.
  public var examined: Int
  public var deleted: Int
  /// Stale flows that had already ended before they could be deleted.
  public var vanished: Int

  public init(examined: Int = 0, deleted: Int = 0, vanished: Int = 0) {
    self.examined = examined
    self.deleted = deleted
    self.vanished = vanished
  }

  static func += (left: inout SweepReport, right: SweepReport) {
    left.examined += right.examined
    left.deleted += right.deleted
    left.vanished += right.vanished
  }
}

/// An operation on the connection tracking table that failed.
public struct ConntrackError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Step: String, Hashable, Sendable {
    case startThread = "start a thread"
    case openSocket = "open a netlink socket"
    case requestDump = "ask for the conntrack table"
    case readDump = "read the conntrack table"
    case delete = "delete conntrack entries"
    case cancelled = "finish before the end"
  }

  public let step: Step
  /// `errno` of the failure; 0 if there is none.
  public let code: Int32
  /// The system's text for `code`.
  public let cause: String

  public init(step: Step, code: Int32, cause: String) {
    self.step = step
    self.code = code
    self.cause = cause
  }

  public var description: String { "cannot \(step.rawValue): \(cause) (errno \(code))" }
}
