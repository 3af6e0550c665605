import ServiceModel

/// Which endpoints of a service port each traffic policy may use.
struct EndpointSelection {
  /// For policy Cluster; empty if nothing uses that policy.
  var cluster: [PlannedEndpoint] = []
  /// For policy Local; empty if nothing uses that policy.
  var local: [PlannedEndpoint] = []
  /// The union, in order: those that get a chain.
  var reachable: [PlannedEndpoint] = []
  /// Whether any endpoint anywhere can serve: decides between refusing and dropping.
  var hasAny = false

  /// - Parameters:
  ///   - endpoints: all of the port's, in order.
  ///   - policies: what the service port needs.
  init(of endpoints: [PlannedEndpoint], for policies: Policies, topology: Topology) {
    guard !endpoints.isEmpty else { return }
    let scope = policies.usesCluster ? topology.scope(of: endpoints) : .all
    if policies.usesCluster {
      cluster = endpoints.filter { $0.isReady && topology.admits($0, in: scope) }
      // Nothing ready: draining endpoints anywhere are better than a failed connection (KEP-1669).
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

/// Where this node is, for topology hints.
struct Topology {
  let nodeName: String
  let zone: String?

  /// How far traffic shall stay near (`trafficDistribution`, KEP-2433, KEP-3015).
  enum Scope { case all, node, zone }

  /// All or nothing: hints count only if every ready endpoint has them and one is meant for this node (or zone).
  func scope(of endpoints: [PlannedEndpoint]) -> Scope {
    let ready = endpoints.filter(\.isReady)
    guard !ready.isEmpty else { return .all }
    if ready.allSatisfy({ !$0.nodeHints.isEmpty }), ready.contains(where: { $0.nodeHints.contains(nodeName) }) {
      return .node
    }
    if let zone, ready.allSatisfy({ !$0.zoneHints.isEmpty }), ready.contains(where: { $0.zoneHints.contains(zone) }) {
      return .zone
    }
    return .all
  }

  func admits(_ endpoint: PlannedEndpoint, in scope: Scope) -> Bool {
    switch scope {
    case .all: true
    case .node: endpoint.nodeHints.contains(nodeName)
    case .zone: zone.map { endpoint.zoneHints.contains($0) } ?? false
    }
  }
}
