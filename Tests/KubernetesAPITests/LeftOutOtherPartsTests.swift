import ServiceModel
import Testing

@testable import KubernetesAPI

/// If one part of a slice, a Node or a ServiceCIDR cannot be read, the rest is used and an error names the part. Pods
/// have addresses from 10.10.1.0/24.
@Suite(.timeLimit(.minutes(5))) struct LeftOutOtherPartsTests {
  @Test(arguments: [
    (#""endpoints": [{"addresses": ["fd00::1"]}, {"addresses": ["10.10.1.5"]}]"#, 1, "endpoints[0].addresses[0]"),
    (#""endpoints": [{"addresses": ["10.10.1.0x5"]}, {"addresses": ["10.10.1.5"]}]"#, 1, "endpoints[0].addresses[0]"),
    (#""endpoints": [{"addresses": ["10.10.1.x", "10.10.1.5"]}]"#, 1, "endpoints[0].addresses[0]"),
    (#""endpoints": [{"addresses": ["10.10.1.5", "10.10.1.6"]}]"#, 1, "endpoints[0].addresses"),
    (#""endpoints": [{"addresses": [5]}, {"addresses": ["10.10.1.5"]}]"#, 1, "endpoints[0].addresses[0]"),
    (#""endpoints": [{"addresses": []}, {"addresses": ["10.10.1.5"]}]"#, 1, "endpoints[0].addresses"),
    (#""endpoints": ["10.10.1.4", {"addresses": ["10.10.1.5"]}]"#, 1, "endpoints[0]"),
    (#""endpoints": [{"addresses": ["10.10.1.5"], "nodeName": "a b"}]"#, 1, "endpoints[0].nodeName"),
    (
      #""endpoints": [{"addresses": ["10.10.1.5"], "conditions": {"ready": "yes"}}]"#, 1,
      "endpoints[0].conditions.ready"
    ),
    (
      #""endpoints": [{"addresses": ["10.10.1.5"], "hints": {"forZones": [{"name": "/"}]}}]"#, 1,
      "endpoints[0].hints.forZones[0].name"
    ),
    (
      #""endpoints": [{"addresses": ["10.10.1.5"], "hints": {"forNodes": "worker"}}]"#, 1,
      "endpoints[0].hints.forNodes"
    ),
    (
      #""endpoints": [{"addresses": ["10.10.1.5"]}], "ports": [{"port": 8080}, {"port": 80, "name": "q", "protocol": "QUIC"}]"#,
      1, "ports[1].protocol"
    ),
    (
      #""endpoints": [{"addresses": ["10.10.1.5"]}], "ports": [{"port": 8080}, {"port": 80, "name": "-j"}]"#, 1,
      "ports[1].name"
    ),
    (
      #""endpoints": [{"addresses": ["10.10.1.5"]}], "ports": [{"port": 8080}, {"port": 0, "name": "z"}]"#, 1,
      "ports[1].port"
    ),
    (
      #""endpoints": [{"addresses": ["10.10.1.5"]}], "ports": [{"port": 8080}, {"port": "http", "name": "z"}]"#, 1,
      "ports[1].port"
    ),
  ])
  func `the readable parts of a slice are kept`(fields: String, endpoints: Int, field: String) throws {
    let ports = fields.contains(#""ports""#) ? "" : #", "ports": [{"port": 8080}]"#
    let object = try decode(slice: #""addressType": "IPv4", \#(fields)\#(ports)"#)
    guard case .endpointSlice(let slice) = object.content else {
      Issue.record("not a slice: \(object.content)")
      return
    }
    #expect(slice.endpoints.map(\.address.description) == Array(repeating: "10.10.1.5", count: endpoints))
    #expect(slice.ports == [EndpointSlice.Port(name: "", transport: .tcp, port: 8080)])
    #expect(object.warnings.map(\.field) == [field])
    #expect(slice.remarks.count == 1)
  }

  @Test func `an unknown address type is named`() throws {
    let object = try decode(slice: #""addressType": "IPv5""#)
    #expect(object.content == .ignored(.addressType("IPv5")))
    #expect(object.warnings.map(\.field) == ["addressType"])
  }

  @Test func `the readable parts of a Node are kept`() throws {
    let object = try decode(
      """
      {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "worker", "uid": "a b", "labels":
       {"topology.kubernetes.io/zone": "/"}}, "spec": {"podCIDRs": ["10.10.1.0/33", "fd00:10:10:1::/64", 5],
       "taints": [7, {"key": "ToBeDeletedByClusterAutoscaler"}]}, "status": {"addresses": ["172.18.0.2",
       {"type": "InternalIP", "address": "nonsense"}, {"type": "InternalIP", "address": "172.18.0.3"}]}}
      """)
    guard case .node(let node) = object.content else {
      Issue.record("not a Node: \(object.content)")
      return
    }
    #expect(
      node
        == Node(
          name: "worker", addresses: [IPAddress("172.18.0.3")!], podCIDRs: [CIDR("fd00:10:10:1::/64")!],
          isBeingDeleted: true))
    #expect(
      Set(object.warnings.map(\.field)) == [
        "metadata.uid", "metadata.labels[topology.kubernetes.io/zone]", "spec.podCIDRs[0]", "spec.podCIDRs[2]",
        "spec.taints[0]", "status.addresses[0]", "status.addresses[1].address",
      ])
  }

  @Test func `the valid blocks of a ServiceCIDR are kept`() throws {
    let object = try decode(
      """
      {"apiVersion": "networking.k8s.io/v1", "kind": "ServiceCIDR", "metadata": {"name": "k"},
       "spec": {"cidrs": ["10.200.1.0/24", "fd00::/129"]}}
      """)
    #expect(object.content == .serviceCIDR([CIDR("10.200.1.0/24")!]))
    #expect(object.warnings.map(\.field) == ["spec.cidrs[1]"])
  }

  @Test func `many problems of one object are logged in few lines`() throws {
    let endpoints = Array(repeating: #"{"addresses": ["x"]}"#, count: 500).joined(separator: ",")
    let object = try decode(slice: #""addressType": "IPv4", "endpoints": [\#(endpoints)]"#)
    #expect(object.warnings.count == Conversion.remarkLimit + 1)
    #expect(object.warnings.last?.message == "and 480 more of this kind")
  }
}
