import ServiceModel
import Time

/// Whose state a file holds, and since when it may be out of date.
package struct StateHeader: Equatable, Sendable {
  package var cluster: ClusterIdentity
  /// The Node that is in the state.
  package var nodeName: String
  /// Until when the state was known to be the cluster's.
  package var asOf: WallTime
  /// Of each resource, by its name in the API.
  package var resourceVersions: [String: String]

  package init(cluster: ClusterIdentity, nodeName: String, asOf: WallTime, resourceVersions: [String: String]) {
    self.cluster = cluster
    self.nodeName = nodeName
    self.asOf = asOf
    self.resourceVersions = resourceVersions
  }
}

/// What a daemon knew of its cluster.
package struct SavedState: Equatable, Sendable {
  package var header: StateHeader
  /// Without the Services that get no rules.
  package var snapshot: ClusterSnapshot

  package init(header: StateHeader, snapshot: ClusterSnapshot) {
    self.header = header
    self.snapshot = snapshot
  }
}
