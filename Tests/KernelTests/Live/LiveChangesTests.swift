import APIServerFixture
import Lab
import ServiceModel
import Testing

/// Services appear, change and vanish at the API server, and real connections follow.
@Suite(.needsRoot, .timeLimit(.minutes(10)))
struct LiveChangesTests {
  @Test
  func `nothing is written until the own Node is known`() async throws {
    try await LiveNode.with { live in
      let web = live.service("web", 10, on: ["s1"])
      try live.apply(web)
      live.react { $0.path.hasSuffix("/nodes") ? .respond(.failure(500, reason: "InternalError")) : .serve }
      let daemon = try await live.startProxy()
      try await eventually("Services and slices are known") {
        let services = try await live.metric("kubeproxy_sync_proxy_rules_service_changes_total")
        let slices = try await live.metric("kubeproxy_sync_proxy_rules_endpoint_changes_total")
        return services == 1 && slices == 2
      }
      try await daemon.waitForLine("the Node cannot be had") {
        $0.contains("reading from the API server failed") && $0.contains("resource=\"nodes\"")
      }
      #expect(try await live.rules().filter { $0.contains("KUBE-") } == [])
      #expect(try await live.health() == "200", "nothing is late yet")
      live.react { _ in .serve }
      try await daemon.waitForSync(after: 0)
      #expect(try await live.ask(web, .ipv4).endpoint == "s1")
    }
  }

  @Test(arguments: Backend.allCases, IPFamily.allCases)
  func `traffic follows the API server`(_ backend: Backend, _ family: IPFamily) async throws {
    try await LiveNode.with(backend) { live in
      let daemon = try await live.startedProxy()
      var web = live.service("web", 10, on: ["s1"])
      #expect(try await live.ask(web, family) == .refused, "no Service has the address yet")

      try live.apply(web)
      try await eventually("s1 answers") { try await live.ask(web, family).endpoint == "s1" }

      web.endpoints = [.init(live.lab.pod("s2"))]
      try live.apply(web)
      try await eventually("s2 answers instead") { try await live.ask(web, family).endpoint == "s2" }

      web.type = .nodePort
      web.ports = [.init("http", .tcp, 8000, target: 8080, nodePort: 30080)]
      try live.apply(web)
      try await eventually("the new port answers") { try await live.ask(web, family, port: 8000).endpoint == "s2" }
      #expect(try await live.ask(web, family).endpoint == nil, "the old port is gone")
      let fromOutside = try await live.lab.outsider.ask(.tcp, live.node.addresses[family], port: 30080)
      #expect(fromOutside.endpoint == "s2")

      web.endpoints = []
      try live.apply(web)
      try await eventually("nobody is left") { try await live.ask(web, family, port: 8000) == .refused }

      web.endpoints = [.init(live.lab.pod("s1"))]
      try live.apply(web)
      try await eventually("somebody is back") { try await live.ask(web, family, port: 8000).endpoint == "s1" }

      live.remove(web)
      try await eventually("the node port is gone") {
        try await live.lab.outsider.ask(.tcp, live.node.addresses[family], port: 30080).endpoint == nil
      }
      #expect(try await live.ask(web, family, port: 8000).endpoint == nil)
      #expect(daemon.lines.filter { $0.contains("by another program") } == [], "its own commits are nobody else's")
      #expect(daemon.status == nil)
    }
  }
}
