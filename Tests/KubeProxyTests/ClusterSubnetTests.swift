import Applier
import ApplierSupport
import Configuration
import Doubles
import IPTables
import KubernetesAPI
import Logging
import Planner
import ServiceModel
import Testing
import Time
import Watcher

@testable import KubeProxy

/// `--service-subnet auto`: the reject rules follow the cluster's ServiceCIDR objects.
@Suite(.timeLimit(.minutes(5))) struct ClusterSubnetTests {
  private static func cidrs(_ texts: String...) -> [CIDR] { texts.map { CIDR($0)! } }

  private static let nothing: [ClusterEvent] = [.replaceServices([]), .replaceSlices([]), .replaceNodes([])]

  private func configuration(_ subnets: ServiceSubnets) throws -> ProxyConfiguration {
    var configuration = KubeProxyConfiguration()
    configuration.applyDefaults()
    return try configuration.checked(in: ConfigurationContext(hostname: "node", serviceSubnets: subnets))
  }

  private func cluster(_ subnets: ServiceSubnets) throws -> ClusterState {
    let source = PlannerOptionsSource(configuration: try configuration(subnets), extra: ExtraSettings())
    return ClusterState(
      families: IPFamily.allCases, start: .epoch, flushTCP: false, awaitsServiceCIDRs: subnets == .cluster,
      options: { family, snapshot in
        source.options(family, snapshot: snapshot, host: PlannerSurroundings(interfaceAddresses: [], features: [:]))
      }, localAddresses: { [] })
  }

  /// The destinations of the rules that the kernel rejects packets by.
  private func rejected(_ kernel: FakeKernel, _ family: IPFamily) -> [String] {
    (kernel.current.rules[family]?[.filter, .services] ?? []).compactMap { rule in
      let text = "\(rule)"
      guard text.contains("REJECT") else { return nil }
      return text.split(separator: " ").first { $0.contains("/") }.map(String.init)
    }
  }

  @Test func `a subnet that is added or goes changes the reject rules at the next sync`() async throws {
    let cluster = try cluster(.cluster)
    let kernel = FakeKernel()
    let applier = FamilyApplier(family: .ipv4, commands: kernel)
    func sync() async throws {
      let work = try #require(await cluster.takeWork(.ipv4))
      guard case .full(let plan, _) = work.rules else {
        Issue.record("not a full sync")
        return
      }
      _ = try await applier.sync(full: plan)
    }

    _ = await cluster.apply(Self.nothing)
    #expect(await cluster.takeWork(.ipv4) == nil, "which subnets there are is not known yet")
    _ = await cluster.apply([.replaceServiceCIDRs(Self.cidrs("10.96.0.0/16", "fd00:96::/112"))])
    try await sync()
    #expect(rejected(kernel, .ipv4) == ["10.96.0.0/16"])
    _ = await cluster.apply([.replaceServiceCIDRs(Self.cidrs("10.96.0.0/16", "10.97.0.0/16"))])
    try await sync()
    #expect(rejected(kernel, .ipv4) == ["10.96.0.0/16", "10.97.0.0/16"])
    _ = await cluster.apply([.replaceServiceCIDRs(Self.cidrs("10.97.0.0/16"))])
    try await sync()
    #expect(rejected(kernel, .ipv4) == ["10.97.0.0/16"])
    _ = await cluster.apply([.replaceServiceCIDRs(Self.cidrs("10.97.0.0/16"))])
    #expect(await cluster.takeWork(.ipv4) == nil, "nothing changed")
  }

  @Test func `a subnet inside of another adds nothing`() {
    var snapshot = ClusterSnapshot()
    snapshot.serviceCIDRs = Set(Self.cidrs("10.96.0.0/12", "10.97.0.0/16", "10.0.0.0/24", "fd00::/112"))
    let blocks = ServiceSubnets.cluster.blocks(in: snapshot)
    #expect(blocks.map(\.description) == ["10.0.0.0/24", "10.96.0.0/12", "fd00::/112"])
  }

  @Test func `a list from the flag is used whatever the cluster has`() async throws {
    let cluster = try cluster(.flag(Self.cidrs("10.200.1.0/24")))
    _ = await cluster.apply(Self.nothing + [.replaceServiceCIDRs(Self.cidrs("10.96.0.0/16"))])
    #expect(await cluster.options(of: .ipv4).serviceSubnets == Self.cidrs("10.200.1.0/24"))
  }

  @Test(arguments: [
    (ServiceSubnets.unknown, ""), (.flag(cidrs("10.96.0.0/12")), "10.96.0.0/12 (--service-subnet)"),
    (
      .kubeadm(cidrs("10.96.0.0/12", "fd00::/112")),
      "10.96.0.0/12,fd00::/112 (networking.serviceSubnet of the configuration file)"
    ),
    (.cluster, "10.97.0.0/16 (the cluster's ServiceCIDR objects)"),
  ])
  func `the text says where the subnet comes from`(_ subnets: ServiceSubnets, _ text: String) {
    var snapshot = ClusterSnapshot()
    snapshot.serviceCIDRs = Set(Self.cidrs("10.97.0.0/16"))
    #expect(subnets.text(in: snapshot) == text)
  }

  @Test func `Services outside of the cluster's subnets cause a warning once the subnets are known`() async throws {
    let cluster = try cluster(.cluster)
    let log = LogCollector()
    let warnings = SubnetWarnings(subnets: .cluster, logger: log.logger)
    func tell(_ events: [ClusterEvent]) async {
      await warnings.check(events, await cluster.apply(events), in: cluster)
    }
    let name = NamespacedName(namespace: "default", name: "web")!
    await tell([.replaceServices([Service(name: name, clusterIPs: [IPAddress("10.1.0.1")!], ports: [])])])
    #expect(log.entries.isEmpty)
    await tell([.replaceServiceCIDRs(Self.cidrs("10.96.0.0/12"))])
    #expect(log.entries.count == 1)
  }

  @Test func `a warning names the Service, its address and the subnets of that family`() async throws {
    let cluster = try cluster(.flag(Self.cidrs("10.96.0.0/16", "10.98.0.0/16")))
    let log = LogCollector()
    let warnings = SubnetWarnings(subnets: .flag(Self.cidrs("10.96.0.0/16", "10.98.0.0/16")), logger: log.logger)
    func tell(_ events: [ClusterEvent]) async {
      await warnings.check(events, await cluster.apply(events), in: cluster)
    }
    func service(_ name: String, _ addresses: String...) -> Service {
      Service(
        name: NamespacedName(namespace: "default", name: name)!, clusterIPs: addresses.map { IPAddress($0)! }, ports: []
      )
    }
    // No subnet of IPv6 is known, so an IPv6 address is in none of them.
    await tell([.replaceServices([service("in", "10.98.255.255"), service("six", "fd00::1"), service("none")])])
    #expect(log.entries.isEmpty)
    await tell([.replaceServices([service("in", "10.96.0.1"), service("out", "10.97.0.1", "fd00::1")])])
    await tell([.setService(service("late", "10.99.0.1")), .removeService(service("in").name)])
    #expect(
      log.entries.map { "\($0.level) \($0.message)" }
        == Array(
          repeating: "warning cluster IP is outside of the service subnet", count: 2))
    let subnets = "10.96.0.0/16,10.98.0.0/16"
    #expect(
      log.entries.map(\.metadata) == [
        ["service": "default/out", "clusterIP": "10.97.0.1", "serviceSubnet": "\(subnets)"],
        ["service": "default/late", "clusterIP": "10.99.0.1", "serviceSubnet": "\(subnets)"],
      ])
  }

  @Test func `without a known subnet no Service is outside of it`() async throws {
    let cluster = try cluster(.unknown)
    let log = LogCollector()
    let name = NamespacedName(namespace: "default", name: "web")!
    let events: [ClusterEvent] = [
      .replaceServices([Service(name: name, clusterIPs: [IPAddress("192.0.2.1")!], ports: [])])
    ]
    let warnings = SubnetWarnings(subnets: .unknown, logger: log.logger)
    await warnings.check(events, await cluster.apply(events), in: cluster)
    #expect(log.entries.isEmpty)
  }
}
