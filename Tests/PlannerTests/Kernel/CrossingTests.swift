import Applier
import ApplierSupport
import Glibc
import IPTables
import Lab
import RuleAnalysis
import ServiceModel
import Testing

@testable import Planner

/// The rules for endpoints change their form on a live node. No commit may change what happens to a packet.
@Suite(.timeLimit(.minutes(10))) struct CrossingTests {
  /// So many Services that one transaction cannot replace all their chains, and one Service whose only endpoint is also
  /// its client.
  private static func services() -> [TestService] {
    [TestService(name: "self", clusterIP: "10.200.9.9", endpoints: ["10.10.1.5"])] + BigCluster(900).services
  }

  private static func cluster(_ family: IPFamily, _ form: EndpointRuleMode) -> TestCluster {
    TestCluster(services(), family, dispatch: .auto, endpointRules: form)
  }

  @Test(arguments: [(Backend.nft, IPFamily.ipv4), (.nft, .ipv6), (.legacy, .ipv4)])
  func `no commit lets a hairpin through unmasqueraded`(_ backend: Backend, _ family: IPFamily) async throws {
    let kernel = FakeKernel(backend)
    let applier = FamilyApplier(family: family, commands: kernel)
    let hairpin = Way(.endpoint, "10.200.9.9:80", .tcp, results: [])
    let forms: [EndpointRuleMode] = [.chains, .compact, .chains]
    var before: RuleSet?
    for (number, form) in forms.enumerated() {
      let cluster = Self.cluster(family, form)
      kernel.change { $0.history = number == 0 ? nil : [] }
      let report = try await applier.sync(full: cluster.plan)
      let walker = Walker(cluster)
      #expect(walker.results(hairpin) == [cluster.text("10.10.1.5:8080 masqueraded"): 1])
      let states = kernel.current.history ?? []
      #expect(states.count >= (number == 0 ? 0 : 1))
      for rules in states {
        let outcomes = PacketWalk(rules: rules, host: walker.walk.host).outcomes(of: walker.packet(hairpin))
        #expect(outcomes.map(Walker.text) == [cluster.text("10.10.1.5:8080 masqueraded")], "to \(form)")
      }
      if number > 0 {
        #expect(report.transactions > 2 || backend == .legacy, "it was staged")
        for rules in states {
          // A packet can meet the old rules in PREROUTING and the new ones in POSTROUTING.
          var mixed = try #require(before)
          mixed[.nat, .kubePostrouting] = rules[.nat, .kubePostrouting]
          let outcomes = PacketWalk(rules: mixed, host: walker.walk.host).outcomes(of: walker.packet(hairpin))
          #expect(
            outcomes.map(Walker.text) == [cluster.text("10.10.1.5:8080 masqueraded")], "during a commit, to \(form)")
          before = rules
        }
      }
      before = RuleSet(cluster.plan)
    }
  }

  @Test(
    .enabled(if: geteuid() == 0, "needs root for network namespaces"),
    arguments: [
      Kernel(backend: .nft, family: .ipv4), .init(backend: .nft, family: .ipv6),
      .init(backend: .legacy, family: .ipv4),
    ])
  func `clients and open connections do not notice a crossing`(_ kernel: Kernel) async throws {
    try await Lab.with(Layout(nodes: [.init("kind-worker", pods: ["client", "server", "idle-a", "idle-b"])])) { lab in
      let server = lab.pod("server")
      for port in [8001, 8002] as [UInt16] { try await lab.responder.serve(server, .tcp, port: port, as: "\(port)") }
      let text = FamilyText(kernel.family)
      let address = server.addresses[kernel.family]
      func plan(_ form: EndpointRuleMode) -> ClusterPlan {
        var cluster = Self.cluster(kernel.family, form)
        cluster.add(Self.service("plain", "10.200.9.7", address: address, ports: [8001, 8002]))
        cluster.add(Self.service("itself", "10.200.9.8", address: address, ports: [8001]))
        return cluster.plan
      }
      let applier = kernel.applier(lab)
      _ = try await applier.sync(full: plan(.chains))

      let plain = Request(.tcp, text.address("10.200.9.7"), port: 80)
      let itself = Request(.tcp, text.address("10.200.9.8"), port: 80)
      var open: [LongConnection] = []
      for number in 0..<100 {
        open.append(
          try await LongConnection.open(
            number % 2 == 0 ? plain : itself, from: number % 2 == 0 ? lab.pod("client") : server)
        )
      }
      let clients = [SteadyClient(plain, from: lab.pod("client")), SteadyClient(itself, from: server)]
      for client in clients { try await client.waitForMore(50) }
      for form in [EndpointRuleMode.compact, .chains, .compact] {
        let report = try await applier.sync(full: plan(form))
        #expect(report.transactions > 2 || kernel.backend == .legacy, "it was staged")
        for client in clients { try await client.waitForMore(50) }
        for connection in open { #expect(try await connection.ask().endpoint != nil, "to \(form)") }
      }
      for client in clients {
        let seen = try await client.stop()
        #expect(seen.failures == [])
        #expect(seen.answered >= 200)
      }
    }
  }

  /// A Service with a port of one pod for each of its endpoints.
  private static func service(
    _ name: String, _ clusterIP: String, address: IPAddress, ports: [UInt16]
  ) -> (service: TestService, slices: [EndpointSlice]) {
    let service = TestService(name: name, clusterIP: clusterIP)
    let slices = ports.map { port in
      EndpointSlice(
        name: NamespacedName(namespace: "default", name: "\(name)-\(port)")!, service: service.namespacedName,
        family: address.family, ports: [.init(name: "", port: port)],
        endpoints: [Endpoint(address: address, nodeName: "here")])
    }
    return (service, slices)
  }
}

extension TestCluster {
  /// Adds a Service with slices that are not in the words of `TestService`.
  fileprivate mutating func add(_ added: (service: TestService, slices: [EndpointSlice])) {
    add(added.service)
    for slice in added.slices { insert(slice) }
  }
}
