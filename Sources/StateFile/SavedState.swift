import ServiceModel
import Time

/// The cluster and the Node of a saved state, and the time since which the state may be out of date.
package struct StateHeader: Equatable, Sendable {
  package var cluster: ClusterIdentity
  /// The Node that is in the state.
  package var nodeName: String
  /// The last time at which the state was known to be the cluster's.
  package var asOf: WallTime
  /// The resource version of each resource, by the resource's name in the API.
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
  /// It does not contain the Services that get no rules.
  package var snapshot: ClusterSnapshot

  package init(header: StateHeader, snapshot: ClusterSnapshot) {
    self.header = header
    self.snapshot = snapshot
  }
}
