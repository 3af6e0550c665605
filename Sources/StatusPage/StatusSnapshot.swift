import Health
import Planner
import ServiceModel
import Shadow
import Time
import Watcher

/// All that the status page shows, at one moment. The cluster in it shares its memory with the sync loop.
public struct StatusSnapshot: Sendable {
  /// A setting in force, like `iptables.masqueradeBit`.
  public struct Setting: Hashable, Sendable {
    public let name: String
    public let value: String

    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  public var version: String
  public var node: String
  public var started: Moment
  public var now: Moment
  public var health: HealthReport
  public var settings: [Setting]
  public var families: [StatusBoard.Family]
  /// Where the cluster's objects come from, like `https://172.18.0.4:6443` or `manifests/examples`.
  public var source: String
  /// The state of the watches. Empty if the objects come from files.
  public var watches: [WatchStatus]
  /// Addresses that several Services claim, sorted by address.
  public var clashes: [IPFamily: [AddressClash]]
  /// The comparisons with the kernel, in shadow mode; nil otherwise.
  var shadow: [ShadowStatus]?
  public var cluster: ClusterSnapshot

  package init(
    version: String, node: String, started: Moment, now: Moment, health: HealthReport, settings: [Setting],
    families: [StatusBoard.Family], source: String, watches: [WatchStatus],
    clashes: [IPFamily: [AddressClash]] = [:], shadow: [ShadowStatus]? = nil, cluster: ClusterSnapshot
  ) {
    self.version = version
    self.node = node
    self.started = started
    self.now = now
    self.health = health
    self.settings = settings
    self.families = families
    self.source = source
    self.watches = watches
    self.clashes = clashes
    self.shadow = shadow
    self.cluster = cluster
  }
}
