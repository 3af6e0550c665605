import Health
import Planner
import ServiceModel
import Shadow
import Time
import Watcher

/// All that the status page shows, at one moment. The cluster in it shares its memory with the sync loop.
package struct StatusSnapshot: Sendable {
  /// A setting in force, like `iptables.masqueradeBit`.
  package struct Setting: Hashable, Sendable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  package var version: String
  package var node: String
  package var started: Moment
  package var now: Moment
  package var health: HealthReport
  package var settings: [Setting]
  package var families: [StatusBoard.Family]
  /// Where the cluster's objects come from, like `https://172.18.0.4:6443` or `manifests/examples`.
  package var source: String
  /// The state of the watches. Empty if the objects come from files.
  package var watches: [WatchStatus]
  /// Addresses that several Services claim, sorted by address.
  package var clashes: [IPFamily: [AddressClash]]
  /// The comparisons with the kernel, in shadow mode; nil otherwise.
  var shadow: [ShadowStatus]?
  package var cluster: ClusterSnapshot

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
