import Lab
import ServiceModel
import Testing

/// Real packets through the rules, in both families and both backends.
@Suite(.serialized, .needsRoot, .sharedClusters, .timeLimit(.minutes(10)))
struct ServiceTrafficTests {
  static let ports: [ServiceObject.Port] = [
    .init("http", .tcp, 80, target: 8080), .init("dns", .udp, 53, target: 5353),
  ]

  /// A Service of these pods with an HTTP and a DNS port.
  func service(_ name: String, _ number: Int, _ cluster: Cluster, _ pods: [String]) -> ServiceObject {
    ServiceObject(
      name, number, ports: ServiceTrafficTests.ports, endpoints: pods.map { .init(cluster.lab.pod($0)) })
  }

  @Test(arguments: Backend.allCases)
  func `a cluster IP is reached from pods, nodes and outside`(_ backend: Backend) async throws {
    let cluster = try await Cluster.shared(backend)
    let web = service("web", 10, cluster, ["s0", "s1"])
    try await cluster.apply([web])
    let askers: [any LabHost] = [
      cluster.lab.pod("c0"), cluster.lab.pod("c2"), cluster.lab.node("kind-worker2"), cluster.lab.outsider,
    ]
    for asker in askers {
      for family in IPFamily.allCases {
        for port in web.ports {
          let outcome = try await asker.ask(port.transport, web.clusterIP(family), port: port.port)
          #expect(["s0", "s1"].contains(outcome.endpoint), "\(asker.name) \(port.name) \(family): \(outcome)")
        }
      }
    }
  }

  @Test(arguments: Backend.allCases)
  func `endpoints share the connections evenly`(_ backend: Backend) async throws {
    let cluster = try await Cluster.shared(backend)
    let web = service("web", 11, cluster, ["s0", "s1", "s2"])
    try await cluster.apply([web])
    for family in IPFamily.allCases {
      let request = Request(.tcp, web.clusterIP(family), port: 80)
      let spread = counts(try await cluster.lab.pod("c0").ask(request, times: 600))
      #expect(spread.values.reduce(0, +) == 600)
      // Chi-squared with two degrees of freedom: more than 27.6 happens once in a million times.
      let deviation = ["s0", "s1", "s2"].map { pow2(Double(spread[$0, default: 0]) - 200) / 200 }.reduce(0, +)
      #expect(deviation < 27.6, "\(spread)")
    }
  }

  private func pow2(_ value: Double) -> Double { value * value }

  @Test(arguments: Backend.allCases)
  func `a pod that reaches itself sees its node's address, not its own`(_ backend: Backend) async throws {
    let cluster = try await Cluster.shared(backend)
    let web = service("web", 12, cluster, ["s1"])
    try await cluster.apply([web])
    for family in IPFamily.allCases {
      for port in web.ports {
        let outcome = try await cluster.lab.pod("s1").ask(port.transport, web.clusterIP(family), port: port.port)
        #expect(outcome.endpoint == "s1")
        #expect(outcome.source == cluster.lab.node("kind-worker").gateway(family))
      }
    }
  }

  @Test(arguments: Backend.allCases)
  func `without endpoints a client is refused at once, whichever way it comes`(_ backend: Backend) async throws {
    let cluster = try await Cluster.shared(backend)
    var nobody = service("nobody", 13, cluster, [])
    nobody.endpoints = [ServiceObject.Endpoint(cluster.lab.pod("s1")).notReady()]
    nobody.type = .loadBalancer
    nobody.ports[0].nodePort = 30013
    nobody.ports[1].nodePort = 30013
    nobody.externalIPs = IPFamily.allCases.map { Address.external($0, 13) }
    nobody.ingressIPs = IPFamily.allCases.map { Address.external($0, 113) }
    try await cluster.apply([nobody])
    let worker = cluster.lab.node("kind-worker")
    let askers: [any LabHost] = [cluster.lab.pod("c1"), worker, cluster.lab.outsider]
    for asker in askers {
      for request in IPFamily.allCases.flatMap({ requests(nobody, worker, $0, isNode: asker.name == worker.name) }) {
        let outcome = try await asker.ask(request)
        // On the node that rejects the packet, sending a datagram fails at once.
        let isSendingRefused = asker.name == worker.name && request.transport == .udp && outcome == [.unreachable]
        #expect(outcome == [.refused] || isSendingRefused, "\(asker.name) \(request.destination): \(outcome)")
      }
    }
  }

  /// Every way to a Service. kube-proxy has no rule for what a node itself sends to an external address.
  private func requests(
    _ service: ServiceObject, _ node: LabNode, _ family: IPFamily, isNode: Bool
  ) -> [Request] {
    service.ports.flatMap { port in
      var ways = [SocketAddress(service.clusterIP(family), port: port.port)]
      ways.append(SocketAddress(node.addresses[family], port: port.nodePort ?? 0))
      if !isNode {
        let external = service.externalIPs + service.ingressIPs
        ways += external.filter { $0.family == family }.map { SocketAddress($0, port: port.port) }
      }
      return ways.map { Request(port.transport, $0.address, port: $0.port) }
    }
  }

  @Test(arguments: Backend.allCases)
  func `a client stays with its endpoint, each client with its own`(_ backend: Backend) async throws {
    let cluster = try await Cluster.shared(backend)
    var sticky = service("sticky", 14, cluster, ["s0", "s1", "s2"])
    sticky.affinityTimeout = 600
    try await cluster.apply([sticky])
    for family in IPFamily.allCases {
      for client in ["c0", "c1", "c2"] {
        let request = Request(.tcp, sticky.clusterIP(family), port: 80)
        let answers = counts(try await cluster.lab.pod(client).ask(request, times: 30))
        #expect(answers.count == 1 && answers.values.first == 30, "\(client) \(family): \(answers)")
      }
    }
  }

  @Test(arguments: Backend.allCases)
  func `endpoints that come and go are followed, and a Service that is deleted is gone`(_ backend: Backend) async throws
  {
    let cluster = try await Cluster.shared(backend)
    let client = cluster.lab.pod("c2")
    /// The endpoints that answer, and nil if one of the requests gets no answer.
    func endpoints(_ service: ServiceObject, _ family: IPFamily) async throws -> Set<String?> {
      Set(try await client.ask(Request(.tcp, service.clusterIP(family), port: 80), times: 60).map(\.endpoint))
    }
    // The endpoints after each step: more endpoints, replaced ones, draining ones, and fewer.
    var web = service("web", 15, cluster, ["s0"])
    let other = service("other", 16, cluster, ["s2"])
    for pods in [["s0"], ["s0", "s1", "s2"], ["s1"], ["s2", "s0"]] {
      web.endpoints = pods.map { .init(cluster.lab.pod($0)) }
      try await cluster.apply([web, other])
      for family in IPFamily.allCases { #expect(try await endpoints(web, family) == Set(pods.map(Optional.some))) }
    }
    web.endpoints = [
      ServiceObject.Endpoint(cluster.lab.pod("s0")).terminating(serving: true),
      ServiceObject.Endpoint(cluster.lab.pod("s1")).terminating(serving: false),
    ]
    try await cluster.apply([web, other])
    for family in IPFamily.allCases { #expect(try await endpoints(web, family) == ["s0"], "only one still serves") }

    try await cluster.apply([other])
    for family in IPFamily.allCases {
      #expect(try await client.ask(.tcp, web.clusterIP(family), port: 80, timeout: 300).endpoint == nil)
      #expect(try await endpoints(other, family) == ["s2"])
      let rules = try await backend.rules(family, in: cluster.lab.node("kind-worker2").namespace)
      #expect(!rules.contains { $0.contains("lab/web") })
      #expect(rules.contains { $0.contains("lab/other") })
    }
  }

  @Test(arguments: Backend.allCases)
  func `the second of two sources is allowed in, the other dropped`(_ backend: Backend) async throws {
    let cluster = try await Cluster.shared(backend)
    var public_ = service("public", 17, cluster, ["s1"])
    public_.type = .loadBalancer
    public_.ingressIPs = IPFamily.allCases.map { Address.external($0, 17) }
    public_.sourceRanges = IPFamily.allCases.map { CIDR(host: cluster.lab.outsider.addresses[$0]) }
    try await cluster.apply([public_])
    for family in IPFamily.allCases {
      let address = Address.external(family, 17)
      #expect(try await cluster.lab.outsider.ask(.tcp, address, port: 80).endpoint == "s1")
      let stranger = Request(.tcp, address, port: 80, timeout: 300)
      #expect(try await cluster.lab.pod("c1").ask(stranger) == [.silent])
    }
  }
}
