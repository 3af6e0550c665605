import Applier
import Configuration
import KubernetesAPI
import Planner
import ServiceModel
import Testing

@testable import KubeProxy

/// What `nodePortAddresses: [primary]` comes to. The node is 172.18.0.3 and fd00:172:18::3, its bridge 10.10.1.1 and
/// fd00:10:10:1::1.
@Suite(.timeLimit(.minutes(5))) struct NodePortAddressTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let reason: String
    var bindAddress = "0.0.0.0"
    /// nil: there is no Node.
    var node: [String]?
    let ipv4: NodePortAddresses
    let ipv6: NodePortAddresses
    var testDescription: String { reason }
  }

  private static func only(_ address: String) -> NodePortAddresses { .only([IPAddress(address)!], loopback: false) }

  @Test(arguments: [
    Case(
      reason: "both families: the Node's addresses", node: ["172.18.0.3", "fd00:172:18::3"], ipv4: only("172.18.0.3"),
      ipv6: only("fd00:172:18::3")),
    Case(
      reason: "the Node has no address of a family: that is not limited, as kube-proxy has it", node: ["172.18.0.3"],
      ipv4: only("172.18.0.3"), ipv6: .all),
    Case(
      reason: "the first address of each family counts", node: ["172.18.0.3", "10.10.1.1", "fd00:172:18::3"],
      ipv4: only("172.18.0.3"), ipv6: only("fd00:172:18::3")),
    Case(
      reason: "a bind address goes before the Node's", bindAddress: "10.10.1.1",
      node: ["172.18.0.3", "fd00:172:18::3"],
      ipv4: only("10.10.1.1"), ipv6: only("fd00:172:18::3")),
    Case(reason: "loopback is nobody's own address", bindAddress: "127.0.0.1", node: [], ipv4: .all, ipv6: .all),
    Case(
      reason: "an address that no interface has", node: ["192.0.2.1"], ipv4: .only([], loopback: false), ipv6: .all),
    Case(
      reason: "the Node is not known: nothing is open", ipv4: .only([], loopback: false),
      ipv6: .only([], loopback: false)),
  ])
  func `primary`(_ example: Case) throws {
    let source = try source { $0.bindAddress = example.bindAddress }
    var snapshot = ClusterSnapshot()
    if let addresses = example.node {
      snapshot.set(Node(name: "here", addresses: addresses.map { IPAddress($0)! }))
    }
    let interfaces = ["127.0.0.1", "172.18.0.3", "10.10.1.1", "::1", "fd00:172:18::3", "fd00:10:10:1::1"]
    let host = PlannerSurroundings(interfaceAddresses: interfaces.map { IPAddress($0)! }, features: [:])
    #expect(source.options(.ipv4, snapshot: snapshot, host: host).nodePortAddresses == example.ipv4)
    #expect(source.options(.ipv6, snapshot: snapshot, host: host).nodePortAddresses == example.ipv6)
  }

  @Test(
    arguments: [
      ([], true, true), ([], false, false), (["primary"], true, false), (["172.18.0.0/16"], true, false),
      (["172.18.0.0/16", "127.0.0.0/8"], true, true), (["fd00::/8"], true, true),
    ] as [([String], Bool, Bool)])
  func `route_localnet is set only where node ports are to answer on loopback`(
    addresses: [String], localhost: Bool, expected: Bool
  ) throws {
    let source = try source {
      $0.nodePortAddresses = addresses
      $0.iptables.localhostNodePorts = localhost
    }
    #expect(KernelSettings(source.configuration).routeLocalnet == expected)
  }

  private func source(_ change: (inout KubeProxyConfiguration) -> Void) throws -> PlannerOptionsSource {
    var configuration = KubeProxyConfiguration()
    configuration.nodePortAddresses = ["primary"]
    change(&configuration)
    configuration.applyDefaults()
    return PlannerOptionsSource(
      configuration: try configuration.checked(in: ConfigurationContext(hostname: "here")), extra: ExtraSettings())
  }
}
