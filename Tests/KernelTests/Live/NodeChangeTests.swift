import APIServerFixture
import Lab
import ServiceModel
import Testing

/// The own Node's object changes at the API server.
@Suite(.needsRoot, .timeLimit(.minutes(10)))
struct NodeChangeTests {
  @Test
  func `a Node that is to be deleted or is gone gets no new load-balancer traffic, though the proxy is alive`()
    async throws
  {
    try await LiveNode.with { live in
      try live.apply(live.service("web", 10, on: ["s1"]))
      let daemon = try await live.startedProxy()
      try await eventually("it is eligible") { try await live.health() == "200" }
      try live.applyNode { node in
        var spec = node["spec"] as? [String: Any] ?? [:]
        spec["taints"] = [["key": "ToBeDeletedByClusterAutoscaler", "value": "1", "effect": "NoSchedule"]]
        node["spec"] = spec
      }
      try await eventually("the taint tells") { try await live.health() == "503" }
      #expect(try await live.health("/livez") == "200")
      try live.applyNode { _ in }
      try await eventually("the taint is gone") { try await live.health() == "200" }
      live.store.delete(.init(.nodes, name: live.node.name))
      try await eventually("the Node is gone") { try await live.health() == "503" }
      #expect(try await live.health("/livez") == "200")
      #expect(daemon.status == nil)
    }
  }

  @Test(arguments: [true, false])
  func `changed pod CIDRs end the proxy if rules depend on them, and the next start uses them`(_ matters: Bool)
    async throws
  {
    try await LiveNode.with { live in
      try live.configure(detectLocalMode: matters ? "NodeCIDR" : "ClusterCIDR")
      let web = live.service("web", 10, on: ["s1"])
      try live.apply(web)
      let daemon = try await live.startedProxy()
      // The proxy knows the pod by its address, so its connections are not masqueraded.
      #expect(try await live.ask(web, .ipv4).source == live.client.addresses.ipv4)
      try live.applyNode { node in
        var spec = node["spec"] as? [String: Any] ?? [:]
        spec["podCIDR"] = "10.99.0.0/24"
        spec["podCIDRs"] = ["10.99.0.0/24"]
        node["spec"] = spec
      }
      guard matters else {
        try live.apply(live.service("later", 11, on: ["s1"]))
        try await daemon.waitForLine("it went on") { $0.contains("scope=\"partial\"") }
        #expect(daemon.status == nil)
        return
      }
      #expect(try await daemon.waitForEnd() != 0)
      #expect(daemon.lines.contains { $0.contains("pod CIDRs changed") && $0.contains("10.99.0.0/24") })
      _ = try await live.startedProxy()
      #expect(try await live.ask(web, .ipv4).source == live.node.gateway(.ipv4), "no pod by its address any more")
    }
  }
}
