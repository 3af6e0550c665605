import ServiceModel

/// What a batch of events did to the snapshot.
public struct SnapshotChange: Sendable, Equatable {
  /// Services whose rules may be others now.
  public var services: Set<NamespacedName> = []
  /// Whether a Node came, went or changed.
  public var nodes = false
  public var serviceCIDRs = false
  /// How many Services and slices changed: what metrics count.
  public var serviceChanges = 0
  public var sliceChanges = 0
  /// `last-change-trigger-time`s of slices that changed, by their family, in seconds since 1970.
  public var triggerTimes: [IPFamily: [Double]] = [:]
  /// Whether a restored state began or ceased to stand in for what the source tells.
  public var standIn: StandIn?

  public enum StandIn: Sendable, Equatable { case began, ended }

  public init() {}

  public var isEmpty: Bool { services.isEmpty && !nodes && !serviceCIDRs }
}
