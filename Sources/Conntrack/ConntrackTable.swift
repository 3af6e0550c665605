import ServiceModel

/// The kernel's connection tracking table, or a stand-in for it.
public protocol ConntrackTable: Sendable {
  /// Goes through the flows of a family and protocol once and deletes those that `isStale` picks.
  ///
  /// Memory does not grow with the table. `isStale` is called from another thread, one flow at a time. A flow that
  /// ends while this runs may or may not be seen.
  func sweep(
    _ family: IPFamily, _ transport: TransportProtocol, isStale: @escaping @Sendable (Flow) -> Bool
  ) async throws(ConntrackError) -> SweepReport
}

/// What one sweep came across.
public struct SweepReport: Hashable, Sendable {
  /// Flows that were looked at.
  public var examined: Int
  public var deleted: Int
  /// Stale flows that had ended by themselves before they could be deleted.
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

/// What could not be done with the connection tracking table.
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
  /// `errno` of the failure; 0 where there is none.
  public let code: Int32
  /// The system's words for `code`.
  public let cause: String

  public init(step: Step, code: Int32, cause: String) {
    self.step = step
    self.code = code
    self.cause = cause
  }

  public var description: String { "cannot \(step.rawValue): \(cause) (errno \(code))" }
}
