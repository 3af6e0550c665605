import ServiceModel

/// The endpoints of a service port that each traffic policy may use.
struct EndpointSelection {
  /// For policy Cluster; empty if nothing uses that policy.
  var cluster: [PlannedEndpoint] = []
  /// For policy Local; empty if nothing uses that policy.
  var local: [PlannedEndpoint] = []
  /// The union of both, in order: the endpoints that get a chain.
  var reachable: [PlannedEndpoint] = []
  /// Whether any node has an endpoint that can serve. If none has, packets are rejected instead of dropped.
  var hasAny = false

  /// - Parameters:
  ///   - endpoints: all endpoints of the port, in order.
  ///   - policies: the sets that the service port needs.
  init(of endpoints: [PlannedEndpoint], for policies: Policies, topology: Topology) {
    guard !endpoints.isEmpty else { return }
    if policies.usesCluster {
      let ready = endpoints.filter(\.isReady)
      let hints = topology.hintsInForce(among: ready)
      cluster = ready.filter { topology.admits($0, by: hints) }
      // No endpoint is ready. An endpoint that terminates but still serves is better than a failed connection
      // (KEP-1669).
      if cluster.isEmpty { cluster = endpoints.filter(\.isServingTerminating) }
      hasAny = !cluster.isEmpty
    }
    guard policies.usesLocal else {
      reachable = cluster
      return
    }
    if endpoints.contains(where: { $0.isReady || $0.isServingTerminating }) { hasAny = true }
    local = endpoints.filter { $0.isLocal && $0.isReady }
    if local.isEmpty { local = endpoints.filter { $0.isLocal && $0.isServingTerminating } }
    guard policies.usesCluster else {
      reachable = local
      return
    }
    let used = Set(cluster.map(\.socket)).union(local.map(\.socket))
    reachable = endpoints.filter { used.contains($0.socket) }
  }

  /// Which of the two sets a service port needs.
  struct Policies {
    var usesCluster: Bool
    var usesLocal: Bool
  }
}
