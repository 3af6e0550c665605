import Doubles
import IPTables
import KubernetesAPI
import Mutations
import ServiceModel
import Testing

@testable import Planner

/// Objects in which each value was replaced by something else. If an object is accepted, the planned lines contain only
/// rules of the expected form, and no rule or option that came with a value.
@Suite(.timeLimit(.minutes(5))) struct InjectionTests {
  private static let service = """
    {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "shop"},
     "spec": {"type": "LoadBalancer", "clusterIP": "10.200.1.16", "externalIPs": ["198.51.100.7"],
     "loadBalancerSourceRanges": ["10.0.0.0/8"], "ports": [{"name": "http", "protocol": "TCP", "port": 80, "nodePort": 30080}],
     "sessionAffinity": "ClientIP", "externalTrafficPolicy": "Local", "healthCheckNodePort": 30000},
     "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}}
    """
  private static let slice = """
    {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": {"name": "web-1", "namespace": "shop",
     "labels": {"kubernetes.io/service-name": "web"}}, "addressType": "IPv4", "ports": [{"name": "http", "port": 8080}],
     "endpoints": [{"addresses": ["10.10.1.5"], "conditions": {"ready": true}, "nodeName": "worker",
     "hints": {"forZones": [{"name": "a"}]}}, {"addresses": ["10.10.2.5"]}]}
    """

  @Test(arguments: [service, slice])
  func `any value in a JSON field gives safe rules`(object: String) throws {
    let other = object == Self.service ? Self.slice : Self.service
    var taken = 0
    try JSONValues.replaced(Array(object.utf8)) { changed in
      let files = MemoryFiles(["/f.json": String(decoding: changed, as: UTF8.self), "/g.json": other])
      let loader = ManifestLoader(storage: files)
      let contents = try loader.load("/f.json")
      if !contents.failures.isEmpty { return }
      taken += 1
      var snapshot = contents.snapshot()
      let others = try loader.load("/g.json")
      for service in others.services { snapshot.set(service) }
      for slice in others.slices { snapshot.set(slice) }
      try check(snapshot)
    }
    #expect(taken > 50)
  }

  private func check(_ snapshot: ClusterSnapshot) throws {
    let plan = ClusterPlan(options: PlannerOptions(family: .ipv4, nodeName: "worker"), snapshot: snapshot)
    var renderer = Renderer()
    var rules: [Rule] = []
    plan.forEachChain { chain in
      renderer.begin(chain.table)
      for rule in chain.rules {
        renderer.append(rule, to: chain.name)
        rules.append(rule)
      }
    }
    let text = String(decoding: renderer.take(), as: UTF8.self)
    #expect(text.utf8.allSatisfy { (0x20...0x7e).contains($0) || $0 == 0x0a })
    var parser = RestoreParser()
    var read: [Rule] = []
    for line in text.split(separator: "\n") {
      if case .append(_, let rule, _) = try parser.consume(line: line) { read.append(rule) }
    }
    #expect(read.map(\.canonical) == rules.map(\.canonical))
  }
}
