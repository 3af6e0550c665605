import IPTables
import ServiceModel

/// Everything that one service port contributes to the rules of one family.
public struct ServicePortPlan: Sendable, Equatable {
  public let name: ServicePortName
  /// Its own chains, all in the nat table.
  public internal(set) var chains: [Chain] = []
  /// What it adds to dispatch chains.
  public internal(set) var dispatch: [DispatchEntry] = []
  /// The endpoint that each endpoint chain leads to.
  public internal(set) var endpoints: [ChainName: SocketAddress] = [:]
  /// Policy Local leaves traffic to the cluster IP without an endpoint on this node.
  public internal(set) var lacksLocalInternal = false
  /// Policy Local leaves traffic from outside without an endpoint on this node.
  public internal(set) var lacksLocalExternal = false

  init(name: ServicePortName) { self.name = name }
}

/// Plans Services one by one: the result depends on this Service, its slices and the options only.
public struct ServicePlanner: Sendable {
  public let options: PlannerOptions
  /// Above 1,000 endpoints in the family kube-proxy leaves comments out of the rules that grow with endpoints.
  public let isLargeCluster: Bool

  public init(options: PlannerOptions, isLargeCluster: Bool) {
    self.options = options
    self.isLargeCluster = isLargeCluster
  }

  /// One plan for each port, in the Service's order; none if the Service has no cluster IP in the family.
  ///
  /// - Parameter slices: all slices of the Service in this family, ordered by name.
  public func plan(_ service: Service, slices: [EndpointSlice]) -> [ServicePortPlan] {
    let merge = EndpointMerge(nodeName: options.nodeName, slices: slices)
    let topology = Topology(nodeName: options.nodeName, zone: options.zone)
    return service.ports.compactMap { port in
      guard let port = ServicePort(port, of: service, options: options) else { return nil }
      let endpoints = merge.endpoints(port: port.name.port, transport: port.name.transport)
      let selection = EndpointSelection(of: endpoints, for: port.policies, topology: topology)
      return ServicePortRules(port: port, selection: selection, planner: self).plan()
    }
  }

  /// More endpoints than this in a family make a cluster large.
  public static let largeClusterThreshold = 1000

  /// How many endpoints the ports of a Service have together in a family in which it has a cluster IP. Those that no
  /// port leads to make no rules, and do not count.
  static func endpointCount(of service: Service, slices: [EndpointSlice], family: IPFamily) -> Int {
    guard service.clusterIPs.contains(where: { $0.family == family }) else { return 0 }
    let merge = EndpointMerge(nodeName: "", slices: slices)
    return service.ports.reduce(0) { $0 + merge.count(port: $1.name.port, transport: $1.name.transport) }
  }
}
