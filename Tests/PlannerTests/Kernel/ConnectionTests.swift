import Applier
import ApplierSupport
import Glibc
import IPTables
import Lab
import ServiceModel
import Testing

@testable import Planner

/// Real connections over rules that only large clusters and large Services have.
@Suite(.enabled(if: geteuid() == 0, "needs root for network namespaces"), .timeLimit(.minutes(10)))
struct ConnectionTests {
  private static let layout = Layout(nodes: [.init("kind-worker", pods: ["client", "server", "other"])])

  /// A Service whose endpoints are one pod's ports from 8001 on, told apart by their answers.
  private func service(_ name: String, _ clusterIP: String, endpoints: Int) -> TestService {
    var service = TestService(name: name, clusterIP: clusterIP)
    // The Service's own slice is empty: each of these has a port of its own.
    service.slices = (1...endpoints).map { number in
      TestSlice(ports: [.init("", .tcp, UInt16(8000 + number))], endpoints: ["10.10.0.3"])
    }
    return service
  }

  private func serve(_ lab: Lab, endpoints: Int) async throws {
    for number in 1...endpoints {
      try await lab.responder.serve(lab.pod("server"), .tcp, port: UInt16(8000 + number), as: "\(number)")
    }
  }

  @Test(arguments: [Kernel(backend: .nft, family: .ipv4), Kernel(backend: .legacy, family: .ipv6)])
  func `a choice in two levels gives every endpoint its share, and affinity keeps clients`(
    _ kernel: Kernel
  ) async throws {
    let count = 100
    try await Lab.with(Self.layout) { lab in
      try await serve(lab, endpoints: count)
      let (web, sticky) = (
        service("web", "10.200.1.16", endpoints: count), service("sticky", "10.200.1.17", endpoints: count)
      )
      var kept = sticky
      kept.affinity = 600
      let cluster = TestCluster([web, kept], kernel.family, dispatch: .auto)
      #expect(RuleSet(cluster.plan).chains(of: .nat).count > 2 * (count + 10), "endpoints and their groups")
      _ = try await kernel.applier(lab).sync(full: cluster.plan)

      let total = 2500
      var request = Request(.tcp, cluster.text.address(web.clusterIP), port: 80)
      request.resetOnClose = true
      let seen = counts(try await lab.pod("client").ask(request, times: total))
      #expect(seen.values.reduce(0, +) == total)
      let deviation = ChiSquared.deviation(of: (1...count).map { seen["\($0)", default: 0] })
      // Chi-squared with 99 degrees of freedom: more than 182 happens less than once in a million times.
      #expect(deviation < 182, "\(seen)")

      request.destination = SocketAddress(cluster.text.address(sticky.clusterIP), port: 80)
      var first: [String: String] = [:]
      for _ in 0..<3 {
        for client in ["client", "other"] {
          let endpoints = counts(try await lab.pod(client).ask(request, times: 20))
          #expect(endpoints.values.reduce(0, +) == 20)
          #expect(endpoints.count == 1, "\(client) leaves its endpoint: \(endpoints)")
          #expect(first[client, default: endpoints.keys.first ?? ""] == endpoints.keys.first)
          first[client] = endpoints.keys.first
        }
      }
    }
  }

  /// The endpoints are ports of one pod. The server's answer contains its port.
  @Test(
    arguments: [(3, 900), (64, 3200), (65, 3250), (300, 9000), (1000, 20000)],
    [
      (Kernel(backend: .nft, family: .ipv4), EndpointRuleMode.compact),
      (Kernel(backend: .legacy, family: .ipv6), .compact),
      (Kernel(backend: .nft, family: .ipv6), .chains),
    ])
  func `every endpoint gets its share of real connections`(
    _ size: (endpoints: Int, connections: Int), _ way: (kernel: Kernel, form: EndpointRuleMode)
  ) async throws {
    let (count, total) = size
    try await Lab.with(Self.layout) { lab in
      try await serve(lab, endpoints: count)
      let web = service("web", "10.200.1.16", endpoints: count)
      let cluster = TestCluster([web], way.kernel.family, dispatch: .auto, endpointRules: way.form)
      _ = try await way.kernel.applier(lab).sync(full: cluster.plan)
      var request = Request(.tcp, cluster.text.address(web.clusterIP), port: 80)
      request.resetOnClose = true
      let seen = counts(try await lab.pod("client").ask(request, times: total))
      #expect(seen.values.reduce(0, +) == total)
      let deviation = ChiSquared.deviation(of: (1...count).map { seen["\($0)", default: 0] })
      #expect(deviation < ChiSquared.bound(degreesOfFreedom: count - 1), "\(seen)")
    }
  }

  @Test(arguments: IPFamily.allCases)
  func `a client of a Service that does not change sees nothing of thousands that do`(
    _ family: IPFamily
  ) async throws {
    let kernel = Kernel(backend: .nft, family: family)
    try await Lab.with(Self.layout) { lab in
      try await serve(lab, endpoints: 2)
      // Its cluster IP lies among those of the others.
      let untouched = service("untouched", "10.200.3.7", endpoints: 2)
      let before = TestCluster([untouched] + BigCluster(1500).services, family, dispatch: .auto)
      let others = (1500..<4000).map { BigCluster.service($0, place: $0 - 1500) }
      let after = TestCluster([untouched] + others, family, dispatch: .auto)
      let applier = kernel.applier(lab)
      _ = try await applier.sync(full: before.plan)

      let request = Request(.tcp, after.text.address(untouched.clusterIP), port: 80)
      let client = SteadyClient(request, from: lab.pod("client"), rate: 200)
      try await client.waitForMore(100)
      let report = try await applier.sync(full: after.plan)
      try await client.waitForMore(100)
      let seen = try await client.stop()
      #expect(report.transactions > 10, "it was staged")
      #expect(report.tables[.nat]?.chainsRemoved ?? 0 > 1500)
      #expect(seen.failures == [])
      #expect(seen.answered >= 200)
      #expect(Set(seen.endpoints.keys) == ["1", "2"])
    }
  }
}

extension Kernel {
  func applier(_ lab: Lab) -> FamilyApplier {
    let node = lab.node("kind-worker").namespace
    let launcher = ["nsenter", "--net=\(NetworkNamespace.directory)/\(node.name)"]
    return FamilyApplier(family: family, commands: SystemIPTables(IPTablesPrograms(backend, launcher: launcher)))
  }
}
