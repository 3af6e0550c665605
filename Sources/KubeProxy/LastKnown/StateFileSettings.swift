import StateFile

/// Where and how the last known state of the cluster is kept.
package struct StateFileSettings: Sendable {
  package var path: String
  /// If the API server has not answered this long after the start, the file is used.
  package var after: Duration
  /// A file that is older is not used.
  package var maxAge: Duration
  /// Identifies the cluster. Called for each read and write, because the certificate authority may be replaced.
  package var identity: @Sendable () throws -> ClusterIdentity

  package init(
    path: String, after: Duration, maxAge: Duration, identity: @escaping @Sendable () throws -> ClusterIdentity
  ) {
    self.path = path
    self.after = after
    self.maxAge = maxAge
    self.identity = identity
  }
}
