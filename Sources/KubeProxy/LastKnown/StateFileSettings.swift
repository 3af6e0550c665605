import StateFile

/// Where and how the last known state of the cluster is kept.
package struct StateFileSettings: Sendable {
  package var path: String
  /// How long after the start the API server has to have answered before the file is used.
  package var after: Duration
  /// A file that is older is not used.
  package var maxAge: Duration
  /// Which cluster it is. Asked each time, as a certificate authority may be replaced.
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
