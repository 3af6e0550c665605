import APIServerFixture
import Foundation
import Glibc
import Lab
import ServiceModel
import StudyCluster
import Testing

/// The shadow on a node: what it finds, and that it writes nothing.
@Suite(.needsRoot, .timeLimit(.minutes(5)))
struct ShadowTests {
  private static let metricsPort: UInt16 = 10349
  private static let flags = ["--shadow", "--shadow-delay", "1s", "-v", "5"]
  private static let differs = "the kernel's rules differ from the plan"
  private static let compared = "compared the kernel's rules with the plan"

  /// The parts of a network namespace that a service proxy changes.
  private struct Footprint: Equatable {
    var rules: [String] = []
    var sysctls: [String] = []
    /// Of sockets that listen, without the shadow's own two.
    var ports: Set<String> = []

    static func of(_ live: LiveNode) async throws -> Footprint {
      var footprint = Footprint()
      for backend in Backend.allCases {
        for family in IPFamily.allCases {
          footprint.rules += try await backend.rules(family, in: live.node.namespace)
        }
      }
      let settings = try await Command(["sh", "-c", "grep -rs . /proc/sys/net"]).result(in: live.node.namespace).output
      footprint.sysctls = settings.split(separator: "\n").map(String.init)
        .filter { !$0.contains("nf_conntrack_count") }.sorted()
      let sockets = try await Command(["ss", "-Hltn"]).run(in: live.node.namespace)
      footprint.ports = Set(
        sockets.split(separator: "\n").compactMap { line in
          let words = line.split(separator: " ")
          return words.count > 3 ? String(words[3]) : nil
        }.filter { !$0.hasSuffix(":10356") && !$0.hasSuffix(":\(metricsPort)") })
      return footprint
    }
  }

  /// A Service for which a proxy opens a health-check node port.
  private static func local(_ live: LiveNode) -> ServiceObject {
    var service = live.service("local", 20, on: ["s1"])
    service.type = .loadBalancer
    service.externalTrafficPolicy = .local
    service.healthCheckNodePort = 32020
    service.ports = [.init("http", .tcp, 80, target: 8080, nodePort: 30020)]
    return service
  }

  @Test(arguments: Backend.allCases)
  func `on a node without rules the shadow reports all as missing, and writes nothing`(_ backend: Backend) async throws
  {
    try await LiveNode.with(backend) { live in
      try live.apply(live.service("web", 10, on: ["s1", "s2"]))
      try live.apply(Self.local(live))
      let before = try await Footprint.of(live)
      #expect(!before.sysctls.isEmpty && !before.ports.isEmpty)
      let shadow = try await live.startProxy(Self.flags)
      for family in IPFamily.allCases {
        for words in ["kind=\"missingJump\"", "service=\"lab/web\"", "service=\"lab/local\""] {
          try await shadow.waitForLine("\(family) \(words)") {
            $0.contains(Self.differs) && $0.contains(family.rawValue) && $0.contains(words)
          }
        }
      }
      #expect(try await Footprint.of(live) == before)
      let missing = try await live.metric(
        "swiftkubeproxy_shadow_differences{family=\"IPv4\",kind=\"missingChain\"}", port: Self.metricsPort)
      #expect(try #require(missing) > 0)
      let page = try await Command(["curl", "--silent", "http://127.0.0.1:\(Self.metricsPort)/statusz"])
        .run(in: live.node.namespace)
      #expect(page.contains("IPv4: shadow mode, "))
      #expect(await shadow.stop() == 0)
      #expect(try await Footprint.of(live) == before)
      #expect(!live.requests.isEmpty)
      #expect(live.requests.allSatisfy { $0.method == "GET" }, "\(live.requests.map { "\($0.method) \($0.path)" })")
    }
  }

  @Test(arguments: Backend.allCases)
  func `a shadow reports nothing while the proxy follows, then each difference and its end`(_ backend: Backend)
    async throws
  {
    try await LiveNode.with(backend) { live in
      try await live.lab.responder.serve(live.lab.pod("s1"), .udp, port: 5353)
      try await live.lab.responder.serve(live.lab.pod("s2"), .udp, port: 5353)
      var dns = live.service("dns", 10, on: ["s1"])
      dns.ports = [.init("dns", .udp, 53, target: 5353)]
      let web = live.service("web", 11, on: ["s1", "s2"])
      for service in [dns, web, Self.local(live)] { try live.apply(service) }
      let proxy = try await live.startedProxy()
      let shadow = try await live.startProxy(Self.flags)
      for family in IPFamily.allCases {
        try await shadow.waitForLine("a comparison of \(family)") {
          $0.contains(Self.compared) && $0.contains(family.rawValue)
        }
      }
      #expect(!shadow.lines.contains { $0.contains(Self.differs) }, "\(shadow.lines)")
      let client = try await LongConnection.open(
        Request(.udp, dns.clusterIP(.ipv4), port: 53, timeout: 500), from: live.client)
      #expect(try await client.ask().endpoint == "s1")

      // The proxy dies. From then on its rules and flows are out of date, and the shadow leaves them so.
      proxy.send(SIGKILL)
      try await proxy.waitForEnd()
      let before = try await Footprint.of(live)
      let mark = shadow.mark
      dns.endpoints = [.init(live.lab.pod("s2"))]
      try live.apply(dns)
      for family in IPFamily.allCases {
        try await shadow.waitForLine("the difference of \(family)", after: mark) {
          $0.contains(Self.differs) && $0.contains(family.rawValue) && $0.contains("service=\"lab/dns\"")
        }
      }
      #expect(!shadow.lines.contains { $0.contains(Self.differs) && !$0.contains("service=\"lab/dns\"") })
      #expect(try await client.ask().endpoint == "s1", "the flow is as it was")
      #expect(try await Footprint.of(live) == before)
      #expect(live.requests.allSatisfy { $0.method == "GET" || $0.path.hasSuffix("/events") })

      let successor = try await live.startedProxy()
      // A change of another Service makes the next comparison due.
      let second = shadow.mark
      try live.apply(live.service("more", 12, on: ["s1"]))
      for family in IPFamily.allCases {
        try await shadow.waitForLine("the end of it for \(family)", after: second) {
          $0.contains("equal the plan again") && $0.contains(family.rawValue) && $0.contains("lab/dns")
        }
      }
      #expect(
        try await live.metric(
          "swiftkubeproxy_shadow_differences{family=\"IPv4\",kind=\"extraChain\"}", port: Self.metricsPort) == 0)
      #expect(await shadow.stop() == 0)
      #expect(await successor.stop() == 0)
    }
  }

  @Test
  func `on the study cluster the shadow reports nothing until the proxy stops`()
    async throws
  {
    try await StudyClusterTests.with { cluster in
      let daemons = try await cluster.startProxies()
      let node = cluster.lab.node("kind-worker")
      let proxy = daemons[node.number]
      let shadow = try await cluster.startShadow(on: node, ["--shadow-delay=2s", "-v=5"])
      let pods = ["echo-1", "echo-2", "echo-3"].map { ServiceObject.Endpoint(cluster.lab.pod($0)) }
      func service(_ number: Int, _ endpoints: [ServiceObject.Endpoint]) -> ServiceObject {
        ServiceObject(
          "busy-\(number)", 100 + number, ports: [.init("http", .tcp, 80, target: 8080)], endpoints: endpoints)
      }
      func apply(_ service: ServiceObject) throws {
        for object in service.objects { try cluster.store.apply(json: object.text) }
      }
      var mark = shadow.mark
      for round in 0..<4 {
        for step in 0..<12 {
          // Each time a Service is changed again, it gets other endpoints.
          let turn = round * 12 + step
          let endpoints = pods.enumerated().filter { ($0.offset + turn) % 3 > 0 }.map(\.element)
          let before = proxy.mark
          try apply(service(turn % 8, endpoints))
          if step.isMultiple(of: 4) { try await proxy.waitForSync(after: before) }
        }
        mark = try await shadow.waitForLine("a comparison", after: mark) {
          $0.contains(Self.compared) && $0.contains("IPv6")
        }
      }
      let loud = shadow.lines.filter { $0.hasPrefix("W") || $0.hasPrefix("E") }
      #expect(loud == [], "a false word")
      #expect(shadow.lines.count { $0.contains(Self.compared) } >= 8)

      proxy.send(SIGKILL)
      try await proxy.waitForEnd()
      try apply(service(3, []))
      try await shadow.waitForLine("a true word", after: mark) {
        $0.contains(Self.differs) && $0.contains("lab/busy-3")
      }
      #expect(await shadow.stop() == 0)
    }
  }
}
