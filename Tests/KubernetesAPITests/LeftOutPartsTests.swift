import ServiceModel
import Testing

@testable import KubernetesAPI

/// If one part of an object cannot be read, the rest is used and an error names the part.
///
/// Addresses: cluster IPs from 10.200.1.0/24 and fd00:10:200::/112, load balancers from 192.0.2.0/24, outside
/// addresses from 198.51.100.0/24, pods from 10.10.1.0/24.
@Suite(.timeLimit(.minutes(5))) struct LeftOutPartsTests {
  private struct Read {
    var service: Service
    var warnings: [String]
  }

  private func read(_ fields: String, status: String = "{}") throws -> Read {
    let spec = #"{"clusterIP": "10.200.1.9", "ports": [{"name": "a", "port": 80}]"#
    return try read(spec: fields.isEmpty ? spec + "}" : "\(spec), \(fields)}", status: status)
  }

  private func read(spec: String, status: String = "{}") throws -> Read {
    let object = try decode(service: spec, status: status)
    guard case .service(let service) = object.content else { throw NotAService(content: object.content) }
    #expect(service.remarks.count == object.warnings.count)
    return Read(service: service, warnings: object.warnings.map { "\($0.field): \($0.message)" })
  }

  private struct NotAService: Error { let content: DecodedObject.Content }

  @Test func `an unknown IP mode leaves out its address`() throws {
    let read = try read(
      #""type": "LoadBalancer""#,
      status: """
        {"loadBalancer": {"ingress": [{"ip": "192.0.2.1", "ipMode": "Anycast"}, {"ip": "192.0.2.2"},
         {"ip": "192.0.2.3 "}, {"ip": "192.0.2.4", "ipMode": 5}, {"hostname": "lb.example", "ipMode": "Anycast"}]}}
        """)
    #expect(read.service.loadBalancerIPs.map(\.description) == ["192.0.2.2"])
    #expect(read.service.clusterIPs.map(\.description) == ["10.200.1.9"])
    #expect(
      read.warnings == [
        #"status.loadBalancer.ingress[0].ipMode: "Anycast" is not one of VIP, Proxy; the address "192.0.2.1" is left out"#,
        #"status.loadBalancer.ingress[2].ip: "192.0.2.3 " is not an IP address; the address "192.0.2.3 " is left out"#,
        #"status.loadBalancer.ingress[3].ipMode: is not a string; the address "192.0.2.4" is left out"#,
      ])
  }

  @Test(arguments: [
    (#""internalTrafficPolicy": "Rack""#, "spec.internalTrafficPolicy", "it is treated as Cluster"),
    (
      #""type": "NodePort", "externalTrafficPolicy": "Rack""#, "spec.externalTrafficPolicy",
      "it is treated as Cluster"
    ),
    (#""sessionAffinity": "Cookie""#, "spec.sessionAffinity", "it is treated as None"),
    (#""sessionAffinity": ["ClientIP"]"#, "spec.sessionAffinity", "it is treated as None"),
  ])
  func `a newer API server's values`(fields: String, field: String, consequence: String) throws {
    let read = try read(fields)
    #expect(read.service.internalTrafficPolicy == .cluster)
    #expect(read.service.externalTrafficPolicy == .cluster)
    #expect(read.service.affinityTimeout == nil)
    let warning = try #require(read.warnings.first)
    #expect(read.warnings.count == 1)
    #expect(warning.hasPrefix("\(field): ") && warning.hasSuffix("; \(consequence)"), "\(warning)")
  }

  @Test(
    arguments: [
      (#"{"clusterIP": "10.200.1.9", "type": "Mesh", "ports": [{"port": 80}]}"#, "{}", ServiceType.clusterIP, nil),
      (
        #"{"clusterIP": "10.200.1.9", "type": "Mesh", "ports": [{"port": 80, "nodePort": 30080}]}"#, "{}", .nodePort,
        30_080
      ),
      (
        #"{"clusterIP": "10.200.1.9", "type": "Mesh", "ports": [{"port": 80, "nodePort": 30080}]}"#,
        #"{"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}"#, .loadBalancer, 30_080
      ),
    ] as [(String, String, ServiceType, UInt16?)])
  func `the type of a Service with an unknown type follows from its other fields`(
    spec: String, status: String, type: ServiceType, nodePort: UInt16?
  ) throws {
    let read = try read(spec: spec, status: status)
    #expect(read.service.type == type)
    #expect(read.service.ports.map(\.nodePort) == [nodePort])
    #expect(
      read.warnings.count == 1 && read.warnings[0].hasPrefix(#"spec.type: "Mesh" is not one of"#), "\(read.warnings)")
  }

  @Test(arguments: [
    (#"["", "198.51.100.7"]"#, ["198.51.100.7"], 1), (#"["198.51.100.7 "]"#, [], 1),
    (#"["198.51.100.300", "198.51.100.8", 7, null, {}]"#, ["198.51.100.8"], 4), (#"["::1"]"#, [], 1),
    (#""198.51.100.7""#, [], 1),
  ])
  func `external IPs`(list: String, kept: [String], warnings: Int) throws {
    let read = try read(#""externalIPs": \#(list)"#)
    #expect(read.service.externalIPs.map(\.description) == kept)
    #expect(read.warnings.count == warnings, "\(read.warnings)")
    #expect(
      read.warnings.allSatisfy { $0.hasPrefix("spec.externalIPs") && $0.hasSuffix("left out") }, "\(read.warnings)")
  }

  @Test(arguments: [
    (#""clusterIPs": ["10.200.1.9", "fd00:10:200::x"]"#, ["10.200.1.9"], ["spec.clusterIPs[1]"]),
    (#""clusterIPs": ["10.200.1.9 ", "fd00:10:200::9"]"#, ["10.200.1.9", "fd00:10:200::9"], ["spec.clusterIPs[0]"]),
    (#""clusterIPs": ["10.200.1.8"]"#, ["10.200.1.8"], ["spec.clusterIP"]),
    (
      #""clusterIPs": ["10.200.1.9", "10.200.1.8", "fd00:10:200::9"]"#, ["10.200.1.9", "fd00:10:200::9"],
      ["spec.clusterIPs[1]"]
    ),
    (#""clusterIPs": ["10.200.1.9", "None"]"#, ["10.200.1.9"], ["spec.clusterIPs[1]"]),
    (#""ipFamilies": ["IPv5"]"#, ["10.200.1.9"], ["spec.ipFamilies[0]"]),
    (#""clusterIPs": ["10.200.1.9"], "ipFamilies": ["IPv6"]"#, ["10.200.1.9"], ["spec.ipFamilies[0]"]),
  ])
  func `the valid cluster IPs of a list are kept`(fields: String, kept: [String], named: [String]) throws {
    let read = try read(fields)
    #expect(read.service.clusterIPs.map(\.description) == kept)
    #expect(read.warnings.map { String($0.prefix { $0 != ":" }) } == named)
  }

  @Test(arguments: [
    (#"{"port": 81, "name": "b", "protocol": "QUIC"}"#, "spec.ports[1].protocol", 1),
    (#"{"port": 0, "name": "b"}"#, "spec.ports[1].port", 1), (#"{"name": "b"}"#, "spec.ports[1].port", 1),
    (#"{"port": "81", "name": "b"}"#, "spec.ports[1].port", 1), (#""81""#, "spec.ports[1]", 1),
    (#"{"port": 80.5, "name": "b"}"#, "spec.ports[1].port", 1),
    (#"{"port": 81, "name": "b", "nodePort": 1e400}"#, "spec.ports[1].nodePort", 2),
    (#"{"port": 81, "name": "a b"}"#, "spec.ports[1].name", 1),
    (#"{"port": 81, "name": 7}"#, "spec.ports[1].name", 1),
    (#"{"port": 81, "name": "a"}"#, "spec.ports[1].name", 1),
    (#"{"port": 80, "name": "b"}"#, "spec.ports[1].port", 1),
    (#"{"port": 81}"#, "spec.ports[1].name", 2),
    (#"{"port": 81, "name": "b", "nodePort": -1}"#, "spec.ports[1].nodePort", 2),
    (#"{"port": 81, "name": "b", "nodePort": 30080}"#, "spec.ports[1].nodePort", 2),
    (#"{"port": 81, "name": "b", "nodePort": "x"}"#, "spec.ports[1].nodePort", 2),
  ])
  func `the valid ports of a list are kept`(second: String, field: String, kept: Int) throws {
    let spec = """
      {"type": "NodePort", "clusterIP": "10.200.1.9", "ports": [{"name": "a", "port": 80, "nodePort": 30080}, \(second)]}
      """
    let read = try read(spec: spec)
    #expect(read.service.ports.count == kept)
    #expect(read.service.ports.first?.nodePort == 30_080)
    #expect(read.service.ports.dropFirst().allSatisfy { $0.nodePort == nil })
    #expect(read.warnings.count == 1 && read.warnings[0].hasPrefix("\(field): "), "\(read.warnings)")
  }

  @Test func `a wrong field gets its default`() throws {
    let read = try read(
      """
      "type": "LoadBalancer", "sessionAffinity": "ClientIP", "externalTrafficPolicy": "Local", "healthCheckNodePort": 70000,
      "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 86401}}
      """)
    #expect(read.service.affinityTimeout == 10_800)
    #expect(read.service.healthCheckNodePort == nil)
    #expect(read.service.externalTrafficPolicy == .local)
    #expect(read.warnings.count == 2, "\(read.warnings)")
  }

  @Test(arguments: [
    (#"[" 198.51.100.0/24", "203.0.113.7/32 ", "office"]"#, ["198.51.100.0/24", "203.0.113.7/32"], true),
    (#"["office"]"#, [], true), (#"["198.51.100.9"]"#, [], true), (#"[""]"#, [], true),
    (#""198.51.100.0/24""#, [], true),
    (#"[7, "10.0.0.0/8"]"#, ["10.0.0.0/8"], true), (#"["10.0.0.0/8"]"#, ["10.0.0.0/8"], false), ("[]", [], false),
  ])
  func `source ranges never let in more than what can be read`(list: String, kept: [String], isIncomplete: Bool) throws
  {
    let read = try read(
      #""type": "LoadBalancer", "loadBalancerSourceRanges": \#(list)"#,
      status: #"{"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}"#)
    #expect(read.service.loadBalancerSourceRanges.map(\.description) == kept)
    #expect(read.service.hasUnreadableSourceRanges == isIncomplete)
    let isClosed = isIncomplete && kept.isEmpty
    #expect(read.warnings.contains { $0.hasSuffix("no client can reach 192.0.2.1") } == isClosed, "\(read.warnings)")
    #expect(read.warnings.count == (isIncomplete ? 1 : 0) + (isClosed ? 1 : 0))
  }

  @Test func `a warning says that ranges of only the other family open this one`() throws {
    let read = try read(
      #""type": "LoadBalancer", "loadBalancerSourceRanges": ["2001:db8::/32"]"#,
      status: #"{"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}"#)
    #expect(
      read.warnings == ["spec.loadBalancerSourceRanges: has no IPv4 range; all clients can reach 192.0.2.1"])
  }

  @Test(arguments: [
    (#"{"type": "NodePort", "ports": [{"port": 80, "nodePort": 30080}]}"#, ["spec.clusterIP"]),
    (#"{"clusterIP": "None", "externalIPs": ["198.51.100.7"], "ports": [{"port": 80}]}"#, ["spec.externalIPs"]),
    (#"{"clusterIP": "None", "ports": [{"port": 80, "nodePort": 30080}]}"#, ["spec.ports[0].nodePort"]),
    (#"{"type": "ExternalName", "externalIPs": ["198.51.100.7"]}"#, ["spec.externalIPs"]),
    (#"{"clusterIP": "None", "ports": [{"port": 80}]}"#, []),
  ])
  func `Services without rules name the fields without an effect`(spec: String, named: [String]) throws {
    let object = try decode(service: spec)
    guard case .ignored = object.content else {
      Issue.record("not ignored: \(object.content)")
      return
    }
    #expect(object.warnings.map(\.field) == named)
  }

  @Test func `the readable parts of a watch event are kept`() throws {
    var decoder = ObjectDecoder()
    let json = """
      {"type": "MODIFIED", "object": {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "x"},
       "spec": {"clusterIP": "10.200.1.9", "ports": [{"name": "a", "port": 80}, {"name": "b", "port": "81"}]}}}
      """
    let event = try decoder.event(json.utf8, source: ObjectSource(name: "watch"))
    guard case .change(.modified, let object) = event, case .service(let service) = object.content else {
      Issue.record("not a Service: \(event)")
      return
    }
    #expect(service.ports.map(\.port) == [80])
    #expect(
      object.warnings.map(\.description) == [
        "watch: Service x/web: spec.ports[1].port: is not a number; the port is left out"
      ])
  }
}
