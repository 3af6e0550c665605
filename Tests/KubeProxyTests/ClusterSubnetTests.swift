import Applier
import ApplierSupport
import Configuration
import IPTables
import KubernetesAPI
import Planner
import ServiceModel
import Testing
import Watcher

@testable import KubeProxy

/// `--service-subnet auto`: the reject rules follow the cluster's ServiceCIDR objects.
@Suite struct ClusterSubnetTests {
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
      families: IPFamily.allCases, start: 0, flushTCP: false, awaitsServiceCIDRs: subnets == .cluster,
      options: { family, snapshot in
        source.options(family, snapshot: snapshot, host: HostView(interfaceAddresses: [], features: [:]))
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

  @Test func `a list is taken whatever the cluster says`() async throws {
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
  func `it is told where the subnet came from`(_ subnets: ServiceSubnets, _ text: String) {
    var snapshot = ClusterSnapshot()
    snapshot.serviceCIDRs = Set(Self.cidrs("10.97.0.0/16"))
    #expect(subnets.text(in: snapshot) == text)
  }

  @Test func `Services outside of the cluster's subnets are warned of when these are known`() async throws {
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
}
