import ServiceModel
import Testing

@testable import KubernetesAPI
@testable import Time

/// Addresses: pods from 10.10.N.0/24 and fd00:10:10:N::/64.
@Suite(.timeLimit(.minutes(5))) struct SliceDecodingTests {
  @Test(
    arguments: [
      (#"{}"#, [.ready, .serving]),
      (#"{"ready": false}"#, [.serving]),
      (#"{"ready": false, "terminating": true}"#, [.serving, .terminating]),
      (#"{"ready": true, "serving": false, "terminating": false}"#, [.ready]),
      (#"{"serving": true, "terminating": null}"#, [.ready, .serving]),
      (#"null"#, [.ready, .serving]),
    ] as [(String, Endpoint.Conditions)])
  func `conditions`(json: String, expected: Endpoint.Conditions) throws {
    let slice = try slice(
      #""addressType": "IPv4", "endpoints": [{"addresses": ["10.10.1.5"], "conditions": \#(json)}]"#)
    #expect(slice?.endpoints.map(\.conditions) == [expected])
  }

  @Test func `ports get defaults, and ports without a number are left out`() throws {
    let slice = try slice(
      """
      "addressType": "IPv4", "endpoints": [],
      "ports": [{"port": 80}, {"name": "dns", "protocol": "UDP", "port": 53}, {"name": "any"}, {"name": null, "port": 0}]
      """)
    #expect(
      slice?.ports == [
        EndpointSlice.Port(name: "", transport: .tcp, port: 80),
        EndpointSlice.Port(name: "dns", transport: .udp, port: 53),
      ])
  }

  @Test func `only numbers that are no ports are left out`() throws {
    let object = try decode(
      slice: #""addressType": "IPv4", "ports": [{"port": 70000, "name": "a"}, {"port": -1, "name": "b"}, {"port": 80}]"#
    )
    guard case .endpointSlice(let slice) = object.content else {
      Issue.record("not a slice: \(object.content)")
      return
    }
    #expect(slice.ports == [EndpointSlice.Port(name: "", transport: .tcp, port: 80)])
    #expect(object.warnings.map(\.description).filter { $0.contains("is not a valid port") }.count == 2)
  }

  @Test func `endpoints keep node and hints and the first address`() throws {
    let slice = try slice(
      """
      "addressType": "IPv6", "endpoints": [{"addresses": ["fd00:10:10:1::5", "fd00:10:10:1::6"], "nodeName": "worker",
        "zone": "a", "hints": {"forZones": [{"name": "a"}, {"name": "b"}], "forNodes": [{"name": "worker"}]}}]
      """)
    #expect(
      slice?.endpoints == [
        Endpoint(
          address: IPAddress("fd00:10:10:1::5")!, nodeName: "worker", zoneHints: ["a", "b"], nodeHints: ["worker"])
      ])
  }

  @Test func `an empty zone is a hint`() throws {
    let slice = try slice(
      #""addressType": "IPv4", "endpoints": [{"addresses": ["10.10.1.5"], "hints": {"forZones": [{"name": ""}]}}]"#)
    #expect(slice?.endpoints.map(\.zoneHints) == [[""]])
  }

  @Test(arguments: [
    ("IPv4", "127.0.0.1", "loopback"), ("IPv4", "169.254.169.254", "link-local"), ("IPv4", "224.0.0.1", "multicast"),
    ("IPv4", "0.0.0.0", "unspecified"), ("IPv6", "::1", "loopback"), ("IPv6", "fe80::1", "link-local"),
    ("IPv6", "ff02::1", "multicast"), ("IPv6", "::", "unspecified"),
  ])
  func `CVE-2021-25737: endpoints at addresses of the node itself are left out`(
    type: String, address: String, kind: String
  ) throws {
    let object = try decode(
      slice: #""addressType": "\#(type)", "endpoints": [{"addresses": ["\#(address)"]}], "ports": [{"port": 80}]"#)
    guard case .endpointSlice(let slice) = object.content else {
      Issue.record("not a slice: \(object.content)")
      return
    }
    #expect(slice.endpoints.isEmpty)
    let warning = try #require(object.warnings.first)
    #expect(warning.description.contains("default/web-x"))
    #expect(warning.description.contains(address))
    #expect(warning.description.contains(kind))
  }

  @Test func `a slice needs an address type`() {
    #expect(fieldOfFailure { try decode(slice: #""endpoints": []"#) } == "addressType")
  }

  @Test func `leading zeros of old objects are decimal`() throws {
    let object = try decode(slice: #""addressType": "IPv4", "endpoints": [{"addresses": ["10.10.001.010"]}]"#)
    guard case .endpointSlice(let slice) = object.content else {
      Issue.record("not a slice: \(object.content)")
      return
    }
    #expect(slice.endpoints.map(\.address) == [IPAddress("10.10.1.10")!])
    #expect(object.warnings.count == 1)
  }

  @Test func `slices of names and of no Service are ignored`() throws {
    #expect(
      try decode(slice: #""addressType": "FQDN", "endpoints": [{"addresses": ["a.example"]}]"#).content
        == .ignored(.addressType("FQDN")))
    let bare = #"{"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4", "metadata": "#
    #expect(try decode(bare + #"{"name": "a"}}"#).content == .ignored(.noServiceName))
    // A valid label, but no Service can be called so.
    #expect(
      try decode(bare + #"{"name": "a", "labels": {"kubernetes.io/service-name": "My_web.1"}}}"#).content
        == .ignored(.noSuchService("My_web.1")))
    #expect(
      try decode(bare + #"{"name": "a", "labels": {"service.kubernetes.io/headless": ""}}}"#).content
        == .ignored(.headlessSlice))
  }

  @Test(
    arguments: [
      ("1970-01-01T00:00:00Z", 0), ("2026-11-21T00:45:31Z", 1_795_221_931_000),
      ("2024-02-29T12:00:00.25+02:00", 1_709_200_800_250),
      ("yesterday", nil), ("2026-13-01T00:00:00Z", nil), ("2026-11-21T00:45:31", nil),
    ] as [(String, Int64?)])
  func `trigger times`(text: String, milliseconds: Int64?) {
    #expect(WallTime(rfc3339: text) == milliseconds.map { WallTime(nanosecondsSince1970: $0 * 1_000_000) })
  }

  private func slice(_ fields: String) throws -> EndpointSlice? {
    guard case .endpointSlice(let slice) = try decode(slice: fields).content else { return nil }
    return slice
  }
}
