import Applier
import KubernetesAPI
import Planner
import ServiceModel

/// One cluster on one backend, for a series of measurements.
package struct Scenario: Hashable, Sendable, Codable {
  package var backend: Backend
  package var family: IPFamily
  package var services: Int
  /// The number of endpoints of each Service.
  package var endpoints: Int
  package var mix: ServiceMix
  package var dispatch: DispatchMode
  package var endpointRules: EndpointRuleMode
  /// A file or directory that the cluster is read from. `services` and `endpoints` then give the numbers found there.
  package var manifests: String?
  /// The whole program that is measured from outside; nil for all other jobs.
  var program: MeasuredProgram?

  package init(
    backend: Backend, family: IPFamily, services: Int, endpoints: Int, mix: ServiceMix = .clusterIP,
    dispatch: DispatchMode = .auto, endpointRules: EndpointRuleMode = .auto, manifests: String? = nil
  ) {
    self.backend = backend
    self.family = family
    self.services = services
    self.endpoints = endpoints
    self.mix = mix
    self.dispatch = dispatch
    self.endpointRules = endpointRules
    self.manifests = manifests
  }

  /// `5,000×10`
  package var size: String { "\(Figure.count(services))×\(Figure.count(endpoints))" }

  package func with(_ change: (inout Scenario) -> Void) -> Scenario {
    var copy = self
    change(&copy)
    return copy
  }

  /// Takes the size from the manifests. Like the proxy, it leaves out objects that are not valid.
  package mutating func adopt(manifests path: String) throws {
    let contents = try ManifestLoader().load(path)
    guard !contents.services.isEmpty else { throw BenchmarkError.unusable("\(path) holds no Services") }
    let slices = contents.slices.filter { $0.family == family }
    manifests = path
    services = contents.services.count
    endpoints = slices.reduce(0) { $0 + $1.endpoints.count } / services
  }

  /// The planner's options for the scenario's family.
  var options: PlannerOptions {
    var options = PlannerOptions(family: family, nodeName: SyntheticCluster.nodeName)
    options.dispatch = dispatch
    options.endpointRules = endpointRules
    return options
  }
}

/// The types of Services in a synthetic cluster.
package enum ServiceMix: String, Hashable, Sendable, Codable, CaseIterable {
  /// Cluster IPs only, as for the figures of docs/benchmarks.md.
  case clusterIP = "cluster-ip"
  /// Of 20 Services, 16 have only a cluster IP, 3 have a node port, and one has a load balancer with source ranges and
  /// session affinity.
  case mixed
}

extension DispatchMode: Codable {}
extension EndpointRuleMode: Codable {}
