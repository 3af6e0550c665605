import Configuration
import KubernetesAPI
import ServiceModel
import Testing

@testable import KubeProxy

/// What kube-proxy warns of at its start, and more. The node has 192.0.2.11 and 2001:db8::11.
@Suite(.timeLimit(.minutes(5))) struct StartChecksTests {
  private static let addresses = [IPAddress("192.0.2.11")!, IPAddress("2001:db8::11")!]
  private static let dual = Node(
    name: "node-a", addresses: addresses, podCIDRs: [CIDR("10.244.1.0/24")!, CIDR("fd00:244:1::/64")!])
  private static let single = Node(name: "node-a", addresses: [addresses[0]], podCIDRs: [CIDR("10.244.1.0/24")!])
  private static let sixFirst = Node(
    name: "node-a", addresses: [addresses[1], addresses[0]], podCIDRs: [CIDR("fd00:244:1::/64")!])

  private func warnings(_ text: String, _ node: Node?, families: [IPFamily] = IPFamily.allCases) throws -> [String] {
    let header = "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n"
    var file = try ConfigurationFile(Array((header + text).utf8), name: "config.yaml")
    file.configuration.applyDefaults()
    let configuration = try file.configuration.checked(in: ConfigurationContext(hostname: "node-a"))
    return StartChecks(
      configuration, families: families, node: node,
      host: PlannerSurroundings(interfaceAddresses: Self.addresses, features: [:])
    ).warnings
  }

  @Test(arguments: [
    ("clusterCIDR: fd00:244::/48", dual, "clusterCIDR has only IPv6 blocks, but this node's primary family is IPv4"),
    (
      "clusterCIDR: 10.244.0.0/16", sixFirst,
      "clusterCIDR has only IPv4 blocks, but this node's primary family is IPv6"
    ),
    (
      "detectLocalMode: NodeCIDR\nbindAddress: 192.0.2.11", sixFirst,
      "detectLocalMode: the Node's spec.podCIDRs has only"
    ),
    ("nodePortAddresses: [10.99.0.0/16]", single, "nodePortAddresses matches no IPv4 address of this host"),
    (
      "nodePortAddresses: [192.0.2.0/24]", dual, "nodePortAddresses has only IPv4 blocks, but this node is dual-stack"
    ),
    ("nodePortAddresses: ['2001:db8::/64']", dual, "nodePortAddresses has only IPv6 blocks, but this node's primary"),
    (
      "healthzBindAddress: '[2001:db8::11]:10256'", single,
      "healthzBindAddress: [2001:db8::11]:10256 is an IPv6 address"
    ),
    (
      "metricsBindAddress: '[2001:db8::11]:10249'", single,
      "metricsBindAddress: [2001:db8::11]:10249 is an IPv6 address"
    ),
    ("detectLocal: {bridgeInterface: cni0}", single, "detectLocal.bridgeInterface has no effect"),
    ("detectLocal: {interfaceNamePrefix: veth}", single, "detectLocal.interfaceNamePrefix has no effect"),
    ("conntrack: {maxPerCore: 0, min: 7}", single, "conntrack.min has no effect"),
  ])
  func `each odd setting gives one line that begins with the field`(text: String, node: Node, warning: String) throws {
    let warnings = try warnings(text, node)
    #expect(warnings.count == 1 && warnings[0].hasPrefix(warning), "\(warnings)")
  }

  @Test(arguments: [
    ("", dual), ("clusterCIDR: 10.244.0.0/16", dual), ("clusterCIDR: '10.244.0.0/16,fd00:244::/48'", single),
    ("nodePortAddresses: [primary]", dual), ("nodePortAddresses: [192.0.2.0/24]", single),
    ("nodePortAddresses: [192.0.2.0/24, '2001:db8::/64']", dual), ("nodePortAddresses: [0.0.0.0/0, '::/0']", dual),
    ("detectLocalMode: NodeCIDR", dual), ("detectLocalMode: NodeCIDR\nclusterCIDR: fd00::/48", dual),
    ("healthzBindAddress: '[::]:10256'", single), ("conntrack: {maxPerCore: 0}", single),
  ])
  func `normal settings give no warning`(text: String, node: Node) throws { #expect(try warnings(text, node) == []) }

  @Test func `several warnings come together`() throws {
    let text = "clusterCIDR: fd00:244::/48\nnodePortAddresses: [10.99.0.0/16]\nconntrack: {maxPerCore: 0}"
    #expect(try warnings(text, nil).map { String($0.prefix { $0 != " " }) } == ["clusterCIDR", "nodePortAddresses"])
  }
}
