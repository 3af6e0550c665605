import APIServerFixture
import Lab
import ServiceModel
import Testing

/// `--service-subnet auto` on a real kernel, over protobuf, like all requests of the proxy.
@Suite(.needsRoot, .timeLimit(.minutes(10)))
struct ServiceSubnetTests {
  private func applySubnet(_ live: LiveNode, isReady: Bool) throws {
    try live.store.apply(
      json: """
        {"apiVersion": "networking.k8s.io/v1", "kind": "ServiceCIDR", "metadata": {"name": "kubernetes"},
         "spec": {"cidrs": ["\(Layout.serviceNetwork(.ipv4))", "\(Layout.serviceNetwork(.ipv6))"]},
         "status": {"conditions": [{"type": "Ready", "status": "\(isReady ? "True" : "False")"}]}}
        """)
  }

  @Test(
    arguments: IPFamily.allCases
  )
  func `addresses of the cluster's service subnets are refused as long as the subnets exist`(_ family: IPFamily)
    async throws
  {
    try await LiveNode.with { live in
      try applySubnet(live, isReady: true)
      let daemon = try await live.startedProxy(["--service-subnet", "auto"])
      let nobody = live.service("nobody", 99, on: [])
      #expect(try await live.ask(nobody, family) == .refused)
      try applySubnet(live, isReady: false)
      try await eventually("the subnet is gone") { try await live.ask(nobody, family) != .refused }
      try applySubnet(live, isReady: true)
      try await eventually("the subnet is back") { try await live.ask(nobody, family) == .refused }
      let watches = live.requests.filter { $0.query["watch"] == "true" }
      #expect(Set(watches.map(\.path)).count == 4)
      #expect(watches.allSatisfy { $0.headers["accept"]?.hasPrefix("application/vnd.kubernetes.protobuf") == true })
      #expect(daemon.status == nil)
    }
  }

  @Test
  func `a change of an IPv4 slice leaves no line of IPv6 in the log, and three watches are all`() async throws {
    try await LiveNode.with { live in
      var web = live.service("web", 10, on: ["s1"])
      try live.apply(web)
      let daemon = try await live.startedProxy()
      #expect(try await live.ask(web, .ipv4).endpoint == "s1")
      let mark = daemon.lines.count
      web.endpoints = [.init(live.lab.pod("s2"))]
      for object in web.objects where object.text.contains("\"IPv4\"") && object.text.contains("EndpointSlice") {
        try live.store.apply(json: object.text)
      }
      try await eventually("s2 answers instead") { try await live.ask(web, .ipv4).endpoint == "s2" }
      #expect(daemon.lines.dropFirst(mark).filter { $0.contains("IPv6") } == [])
      #expect(try await live.ask(web, .ipv6).endpoint == "s1")
      #expect(Set(live.requests.filter { $0.query["watch"] == "true" }.map(\.path)).count == 3)
    }
  }
}
