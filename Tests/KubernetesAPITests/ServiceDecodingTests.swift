import ServiceModel
import Testing

@testable import KubernetesAPI

/// Addresses: cluster IPs from 10.200.1.0/24 and fd00:10:200::/112, load balancers from 192.0.2.0/24, outside
/// addresses from 198.51.100.0/24.
@Suite(.timeLimit(.minutes(5))) struct ServiceDecodingTests {
  static let minimal = #"{"clusterIP": "10.200.1.9", "ports": [{"port": 80}]}"#

  @Test func `minimal Service gets the defaults of the API`() throws {
    let service = try #require(try decodeService(spec: Self.minimal))
    let name = try #require(NamespacedName(namespace: "default", name: "web"))
    let port = try #require(ServicePortName(service: name, port: "", transport: .tcp))
    #expect(
      service
        == Service(
          name: name, type: .clusterIP, clusterIPs: [IPAddress("10.200.1.9")!],
          ports: [Service.Port(name: port, port: 80)], internalTrafficPolicy: .cluster,
          externalTrafficPolicy: .cluster))
  }

  @Test(arguments: [
    (#"{"clusterIP": "None", "ports": [{"port": 80}]}"#, IgnoreReason.headless),
    (#"{"clusterIP": "None", "clusterIPs": ["None"]}"#, .headless),
    (#"{"clusterIP": "", "ports": [{"port": 80}]}"#, .noClusterIP),
    (#"{"clusterIPs": [""]}"#, .noClusterIP),
    (#"{"ports": [{"port": 80}]}"#, .noClusterIP),
    (#"{"type": "ExternalName", "externalName": "a.example"}"#, .externalName),
    (#"{"type": "ExternalName", "clusterIP": "10.200.1.9"}"#, .externalName),
  ])
  func `ignored`(spec: String, reason: IgnoreReason) throws {
    #expect(try decode(service: spec).content == .ignored(reason))
  }

  @Test(arguments: ["special", ""])
  func `another proxy's Service`(label: String) throws {
    let object = try decode(
      service: Self.minimal, metadata: #""labels": {"service.kubernetes.io/service-proxy-name": "\#(label)"}"#)
    #expect(object.content == .ignored(.otherServiceProxy(label)))
  }

  @Test(
    arguments: [
      (#""sessionAffinity": "None""#, nil),
      (#""sessionAffinity": "ClientIP""#, 10_800),
      (#""sessionAffinity": "ClientIP", "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 1}}"#, 1),
      (#""sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 5}}"#, nil),
    ] as [(String, Int?)])
  func `session affinity`(fields: String, seconds: Int?) throws {
    let spec = #"{"clusterIP": "10.200.1.9", "ports": [{"port": 80}], \#(fields)}"#
    #expect(try decodeService(spec: spec)?.affinityTimeout == seconds)
  }

  @Test(arguments: [
    (#""type": "ClusterIP""#, TrafficPolicy.cluster),
    (#""type": "ClusterIP", "externalIPs": ["198.51.100.7"]"#, .local),
    (#""type": "NodePort""#, .local),
    (#""type": "LoadBalancer""#, .local),
  ])
  func `external policy Local counts where outside clients can come in`(fields: String, policy: TrafficPolicy) throws {
    let spec = #"{"clusterIP": "10.200.1.9", "ports": [{"port": 80}], "externalTrafficPolicy": "Local", \#(fields)}"#
    #expect(try decodeService(spec: spec)?.externalTrafficPolicy == policy)
  }

  @Test(
    arguments: [
      (#""type": "LoadBalancer", "externalTrafficPolicy": "Local""#, 32_000),
      (#""type": "LoadBalancer", "externalTrafficPolicy": "Cluster""#, nil),
      (#""type": "NodePort", "externalTrafficPolicy": "Local""#, nil),
    ] as [(String, UInt16?)])
  func `health-check node port belongs to LoadBalancer with policy Local`(fields: String, port: UInt16?) throws {
    let spec = #"{"clusterIP": "10.200.1.9", "ports": [{"port": 80}], "healthCheckNodePort": 32000, \#(fields)}"#
    #expect(try decodeService(spec: spec)?.healthCheckNodePort == port)
  }

  @Test func `load balancer ingress is taken with IP mode VIP`() throws {
    let status = """
      {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}, {"ip": "192.0.2.2", "ipMode": "VIP"},
        {"ip": "192.0.2.3", "ipMode": "Proxy"}, {"hostname": "lb.example"}, {"ip": "2001:db8::1"}]}}
      """
    let object = try decode(
      service: #"{"type": "LoadBalancer", "clusterIP": "10.200.1.9", "ports": [{"port": 80}]}"#, status: status)
    guard case .service(let service) = object.content else {
      Issue.record("not a Service: \(object.content)")
      return
    }
    #expect(service.loadBalancerIPs.map(\.description) == ["192.0.2.1", "192.0.2.2", "2001:db8::1"])
  }

  @Test func `values that old objects may have are read as in kube-proxy`() throws {
    let object = try decode(
      service: """
        {"type": "LoadBalancer", "clusterIP": "10.200.1.9", "ports": [{"port": 80}],
         "externalIPs": ["198.051.100.007", "127.0.0.1"], "loadBalancerSourceRanges": [" 192.0.2.0/24 ", "010.0.0.0/8"]}
        """)
    guard case .service(let service) = object.content else {
      Issue.record("not a Service: \(object.content)")
      return
    }
    #expect(service.externalIPs.map(\.description) == ["198.51.100.7"])
    #expect(service.loadBalancerSourceRanges.map(\.description) == ["192.0.2.0/24", "10.0.0.0/8"])
    #expect(
      object.warnings.map(\.field) == [
        "spec.externalIPs[0]", "spec.externalIPs[1]", "spec.loadBalancerSourceRanges[1]",
      ])
  }

  @Test(arguments: [
    (#"{"clusterIP": "10.200.1.300", "ports": [{"port": 80}]}"#, "spec.clusterIP"),
    (#"{"clusterIP": "fe80::1%eth0", "ports": [{"port": 80}]}"#, "spec.clusterIP"),
    (#"{"clusterIPs": ["10.200.1"], "ports": [{"port": 80}]}"#, "spec.clusterIPs[0]"),
    (#"{"clusterIP": "10.200.1.9"}"#, "spec.ports"),
    (#"{"clusterIP": "10.200.1.9", "ports": [{"port": 0}]}"#, "spec.ports[0].port"),
    (#"{"clusterIP": "10.200.1.9", "ports": [{"port": 65536}]}"#, "spec.ports[0].port"),
    (#"{"clusterIP": "10.200.1.9", "ports": [{}]}"#, "spec.ports[0].port"),
    (#"{"clusterIP": "10.200.1.9", "ports": [{"port": 80, "protocol": "tcp"}]}"#, "spec.ports[0].protocol"),
    (#"{"clusterIP": "10.200.1.9", "ports": [{"port": 80, "name": "a b"}]}"#, "spec.ports[0].name"),
  ])
  func `the error of an impossible value names the field`(spec: String, field: String) {
    #expect(fieldOfFailure { try decode(service: spec) } == field)
  }

  @Test(arguments: [
    (#"{"clusterIP": 7}"#, "spec.clusterIP", "is not a string"),
    (#"{"clusterIP": "10.200.1.9", "ports": {}}"#, "spec.ports", "is not a list"),
    (#"[]"#, "spec", "is not an object"),
  ])
  func `the error of a wrong type names the field`(spec: String, field: String, problem: String) throws {
    let failure = #expect(throws: ObjectFailure.self) { try decode(service: spec) }
    guard case .undecodable(let error) = try #require(failure) else {
      Issue.record("not a decoding failure: \(String(describing: failure))")
      return
    }
    #expect(error.field == field)
    #expect(error.problem == problem)
    #expect(error.object == ObjectReference(kind: "Service", namespace: "default", name: "web"))
  }

  private func decodeService(spec: String) throws -> Service? {
    guard case .service(let service) = try decode(service: spec).content else { return nil }
    return service
  }
}
