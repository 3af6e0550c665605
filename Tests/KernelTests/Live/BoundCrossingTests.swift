import APIServerFixture
import Lab
import ServiceModel
import Testing

/// A Service gets so many endpoints that the rules of its family change to the compact form, and then loses them again.
@Suite(.needsRoot, .timeLimit(.minutes(5)))
struct BoundCrossingTests {
  /// The name of the slice that brings a Service above the bound.
  private static let sliceName = "web-starting"

  /// A slice of a thousand endpoints that are not ready. They get no rules, but they count.
  private static func slice(of service: ServiceObject, _ family: IPFamily) -> JSON {
    let network = Layout.podNetwork(family).address.bits
    let endpoints: [JSON] = (0..<1000).map { number in
      [
        "addresses": .strings([IPAddress(family: family, bits: network + 0x8000 + UInt128(number))]),
        "conditions": ["ready": false, "serving": false],
      ]
    }
    return [
      "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
      "metadata": [
        "name": .string(sliceName), "namespace": .string(ServiceObject.namespace),
        "labels": ["kubernetes.io/service-name": .string(service.name)],
      ],
      "addressType": .string(family.rawValue),
      "ports": [["name": "http", "protocol": "TCP", "port": 8080]], "endpoints": .array(endpoints),
    ]
  }

  @Test(arguments: [(Backend.nft, IPFamily.ipv4), (.legacy, .ipv6)])
  func `no connection fails when a Service's endpoints cross the bound of a form, and a crossing takes few commits`(
    _ backend: Backend, _ family: IPFamily
  ) async throws {
    try await LiveNode.with(backend) { live in
      let web = live.service("web", 10, on: ["s1", "s2"])
      try live.apply(web)
      let daemon = try await live.startedProxy()
      try await eventually("web answers") { try await live.ask(web, family).endpoint != nil }

      // s1 is an endpoint of the Service, so some of its connections lead to itself.
      let hosts: [any LabHost] = [live.client, live.lab.pod("s1")]
      let request = Request(.tcp, web.clusterIP(family), port: 80)
      var open: [LongConnection] = []
      for host in hosts {
        for _ in 0..<20 { open.append(try await LongConnection.open(request, from: host)) }
      }
      let clients = hosts.map { SteadyClient(request, from: $0, rate: 200) }
      for client in clients { try await client.waitForMore(50) }
      for isCompact in [true, false, true] {
        let mark = daemon.mark
        if isCompact {
          try live.store.apply(json: Self.slice(of: web, family).text)
        } else {
          live.store.delete(.init(.endpointSlices, namespace: ServiceObject.namespace, name: Self.sliceName))
        }
        let end = try await daemon.waitForLine("the crossing", after: mark) {
          $0.contains("rules synced") && $0.contains(family.rawValue) && $0.contains("crossed the bound")
        }
        // The rule for hairpins goes in a commit of its own.
        let commits = isCompact ? 1 : 2
        #expect(daemon.lines[end - 1].contains("transactions=\"\(commits)\""), "\(daemon.lines[end - 1])")
        let rules = try await backend.rules(family, in: live.node.namespace)
        #expect(rules.contains { $0.hasPrefix(":KUBE-SEP-") } != isCompact)
        for client in clients { try await client.waitForMore(50) }
        for connection in open { #expect(try await connection.ask().endpoint != nil) }
      }
      for client in clients {
        let seen = try await client.stop()
        #expect(seen.failures == [])
        #expect(Set(seen.endpoints.keys) == ["s1", "s2"])
      }
    }
  }
}
