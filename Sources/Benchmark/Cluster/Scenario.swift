import Applier
import KubernetesAPI
import Planner
import ServiceModel

/// One cluster on one backend: what a series of measurements is about.
public struct Scenario: Hashable, Sendable, Codable {
  public var backend: Backend
  public var family: IPFamily
  public var services: Int
  /// Endpoints of each Service.
  public var endpoints: Int
  public var mix: ServiceMix
  public var dispatch: DispatchMode
  /// A file or directory that the cluster is read from; `services` and `endpoints` then say what was found there.
  public var manifests: String?
  /// The whole program that is measured from outside, where that is what is done.
  var program: MeasuredProgram?

  public init(
    backend: Backend, family: IPFamily, services: Int, endpoints: Int, mix: ServiceMix = .clusterIP,
    dispatch: DispatchMode = .auto, manifests: String? = nil
  ) {
    self.backend = backend
    self.family = family
    self.services = services
    self.endpoints = endpoints
    self.mix = mix
    self.dispatch = dispatch
    self.manifests = manifests
  }

  /// `5,000×10`
  public var size: String { "\(Figure.count(services))×\(Figure.count(endpoints))" }

  public func with(_ change: (inout Scenario) -> Void) -> Scenario {
    var copy = self
    change(&copy)
    return copy
  }

  /// Takes its size from what the manifests hold; objects that cannot be used are left out, as the proxy does.
  public mutating func adopt(manifests path: String) throws {
    let contents = try ManifestLoader().load(path)
    guard !contents.services.isEmpty else { throw BenchmarkError.unusable("\(path) holds no Services") }
    let slices = contents.slices.filter { $0.family == family }
    manifests = path
    services = contents.services.count
    endpoints = slices.reduce(0) { $0 + $1.endpoints.count } / services
  }

  /// What one family's rules depend on besides the cluster.
  var options: PlannerOptions {
    var options = PlannerOptions(family: family, nodeName: SyntheticCluster.nodeName)
    options.dispatch = dispatch
    return options
  }
}

/// Which types of Services a synthetic cluster has.
public enum ServiceMix: String, Hashable, Sendable, Codable, CaseIterable {
  /// Cluster IPs alone: the figures of docs/benchmarks.md.
  case clusterIP = "cluster-ip"
  /// Of 20 Services 16 have a cluster IP alone, 3 a node port, and one a load balancer with source ranges and session
  /// affinity.
  case mixed
}

extension DispatchMode: Codable {}
