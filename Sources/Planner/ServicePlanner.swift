import IPTables
import ServiceModel

/// Plans one Service at a time. The result depends only on the Service, its slices and the options.
package struct ServicePlanner: Sendable {
  package let options: PlannerOptions
  /// Whether the family has more than 1,000 endpoints. kube-proxy then leaves comments out of the rules for endpoints.
  package let isLargeCluster: Bool

  package init(options: PlannerOptions, isLargeCluster: Bool) {
    self.options = options
    self.isLargeCluster = isLargeCluster
  }

  /// Whether endpoints get one rule each, instead of a chain.
  package var isCompact: Bool {
    guard options.features.bpf else { return false }
    return switch options.endpointRules {
    case .auto: isLargeCluster
    case .chains: false
    case .compact: true
    }
  }

  /// One plan for each port, in the Service's order; none if the Service has no cluster IP in the family.
  ///
  /// - Parameter slices: all slices of the Service in this family, ordered by name.
  package func plan(_ service: Service, slices: [EndpointSlice]) -> [ServicePortPlan] {
    let all = PlannedEndpoints(nodeName: options.nodeName, slices: slices)
    let topology = Topology(nodeName: options.nodeName, zone: options.zone)
    let order: PlannedEndpoints.Order = isCompact && service.affinityTimeout == nil ? .address : .text
    return service.ports.compactMap { port in
      guard let port = ServicePort(port, of: service, options: options) else { return nil }
      let endpoints = all.behind(port: port.name.port, transport: port.name.transport, by: order)
      let selection = EndpointSelection(of: endpoints, for: port.policies, topology: topology)
      var plan = ServicePortRules(port: port, selection: selection, planner: self).plan()
      plan.endpointCount = endpoints.count
      return plan
    }
  }

  /// More endpoints than this in a family make a cluster large.
  package static let largeClusterThreshold = 1000

  /// Whether the Services of this family have more endpoints together than the threshold. Endpoints that no port leads
  /// to get no rules and are not counted. The count stops at the threshold to save time, because a full sync merges all
  /// endpoints again.
  static func isLarge(_ snapshot: ClusterSnapshot, family: IPFamily) -> Bool {
    var count = 0
    for service in snapshot.services.values where service.clusterIPs.contains(where: { $0.family == family }) {
      let merge = EndpointMerge(snapshot.slices(of: service.name, family: family))
      for port in service.ports { count += merge.count(port: port.name.port, transport: port.name.transport) }
      if count > largeClusterThreshold { return true }
    }
    return false
  }
}
