import ServiceModel
import Testing
import YAML

@testable import Configuration
@testable import KubernetesAPI

/// The errors about a configuration that is wrong in several places.
@Suite(.timeLimit(.minutes(5))) struct ConfigurationErrorTests {
  private static let header = "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n"

  private func file(_ text: String) throws -> ConfigurationFile {
    try ConfigurationFile(Array((Self.header + text).utf8), name: "config.yaml")
  }

  private func errors(_ text: String) throws -> [String] {
    var file = try file(text)
    file.configuration.applyDefaults()
    let errors = #expect(throws: ConfigurationErrors.self) {
      try file.configuration.checked(in: ConfigurationContext(hostname: "node-1"))
    }
    return try #require(errors).errors.map { "\($0.field): \($0.problem)" }
  }

  @Test(arguments: [
    (
      #"iptables: {masqueradeAll: "true", masqueradeBit: "15", localhostNodePorts: yes}"#,
      ["iptables.masqueradeBit: is not a number", "iptables.masqueradeAll: is not true or false"]
    ),
    (
      "iptables:\n  syncPeriod: 1d\n  minSyncPeriod: 2\nconntrack:\n  tcpEstablishedTimeout: '24'\n  tcpCloseWaitTimeout: 1w",
      [
        #"iptables.syncPeriod: "1d" is not a valid duration because its units are h, m, s and ms: write 24h"#,
        "iptables.minSyncPeriod: 2 is not a valid duration because it has no unit: write 2s",
        #"conntrack.tcpEstablishedTimeout: "24" is not a valid duration because it has no unit: write 24s"#,
        #"conntrack.tcpCloseWaitTimeout: "1w" is not a valid duration because its units are h, m, s and ms: write 168h"#,
      ]
    ),
    (
      "conntrack: {tcpEstablishedTimeout: 0}\niptables: {syncPeriod: 30.5}",
      [
        "conntrack.tcpEstablishedTimeout: 0 is not a valid duration because it has no unit: write 0s",
        "iptables.syncPeriod: 30.5 is not a valid duration because it has no unit: write 30.5s",
      ]
    ),
    (
      """
      oomScoreAdj: 1.5
      iptables: {masqueradeBit: 14.5, syncPeriod: 1d}
      logging: {verbosity: 1e30}
      conntrack: {maxPerCore: 99999999999999999999999999, min: "1"}
      """,
      [
        "oomScoreAdj: 1.5 is not a whole number", "iptables.masqueradeBit: 14.5 is not a whole number",
        #"iptables.syncPeriod: "1d" is not a valid duration because its units are h, m, s and ms: write 24h"#,
        "logging.verbosity: 1e+30 is out of range", "conntrack.maxPerCore: 1e+26 is out of range",
        "conntrack.min: is not a number",
      ]
    ),
    (
      "featureGates: {AllowServiceExternalIPs: 'false', AllAlpha: 1}",
      [
        "featureGates.AllAlpha: is not true or false", "featureGates.AllowServiceExternalIPs: is not true or false",
      ]
    ),
  ])
  func `wrong types and durations are named all at once`(text: String, expected: [String]) throws {
    #expect(Set(try errors(text)) == Set(expected))
  }

  @Test func `a key of the file cannot begin a log line`() throws {
    let errors = #expect(throws: ConfigurationErrors.self) { try file(#"featureGates: {"a\nE1129 forged": 7}"#) }
    #expect(errors?.description == #"config.yaml:3 (document 1): featureGates.a\nE1129 forged: is not true or false"#)
  }

  @Test func `unknown gates are named up to a limit`() throws {
    let gates = (0..<3000).map { "g\($0): true" }.joined(separator: ", ")
    #expect(try file("featureGates: {\(gates)}").warnings.count == YAMLDocument.fieldLimit)
  }

  @Test func `wrong types come together with impossible values`() throws {
    let text = "mode: ipvs\niptables: {masqueradeBit: many, syncPeriod: soon}\nnodePortAddresses: [x, 7]\nlogging: []"
    #expect(
      try errors(text) == [
        "iptables.masqueradeBit: is not a number",
        #"iptables.syncPeriod: "soon" is not a valid duration (such as 30s or 1h0m0s)"#,
        "nodePortAddresses[1]: is not a string", "logging: is not an object",
        #"mode: "ipvs" is not supported: this program implements iptables mode"#,
        #"nodePortAddresses[0]: "x" is not a CIDR (ADDRESS/LENGTH)"#,
      ])
  }

  @Test func `a wrong local mode hides no wrong cluster CIDR, and primary no other wrong value`() throws {
    #expect(
      try errors("detectLocalMode: foo\nclusterCIDR: bar\nnodePortAddresses: [primary, x, 10.0.0.0/8, y]") == [
        #"detectLocalMode: "foo" is not one of ClusterCIDR, NodeCIDR, BridgeInterface, InterfaceNamePrefix"#,
        #"clusterCIDR: "bar" is not a CIDR (ADDRESS/LENGTH)"#,
        #"nodePortAddresses[0]: "primary" cannot be combined with other values"#,
        #"nodePortAddresses[1]: "x" is not a CIDR (ADDRESS/LENGTH)"#,
        #"nodePortAddresses[3]: "y" is not a CIDR (ADDRESS/LENGTH)"#,
      ])
  }

  @Test func `each error has its line`() throws {
    let errors = try file("iptables:\n  masqueradeBit: many\n  syncPeriod: 1d").configuration.unreadable
    #expect(errors.map { $0.source?.line } == [4, 5])
  }

  @Test func `all documents are checked`() throws {
    let text = """
      apiVersion: kubeadm.k8s.io/v1beta4
      kind: ClusterConfiguration
      networking: {serviceSubnet: x, podSubnet: y}
      ---
      \(Self.header)iptables: {masqueradeBit: many}
      ---
      \(Self.header)
      """
    let file = try ConfigurationFile(Array(text.utf8), name: "config.yaml")
    #expect(
      file.configuration.unreadable.map(\.field) == [
        "networking.serviceSubnet", "networking.podSubnet", "iptables.masqueradeBit", "",
      ])
  }

  @Test func `feature gates`() throws {
    var file = try file("featureGates: {AllowServiceExternalIPs: false, WinDSR: true, Turbo: true}")
    #expect(
      file.warnings == [
        "config.yaml:3 (document 1): featureGates.Turbo: kube-proxy 1.36 has no such feature gate; it has no effect"
      ])
    file.configuration.applyDefaults()
    let configuration = try file.configuration.checked(in: ConfigurationContext(hostname: "node-1"))
    #expect(!configuration.allowsExternalIPs)
    #expect(try KubeProxyConfiguration.defaults().checked(in: ConfigurationContext(hostname: "n")).allowsExternalIPs)
  }
}

extension KubeProxyConfiguration {
  fileprivate static func defaults() -> KubeProxyConfiguration {
    var configuration = KubeProxyConfiguration()
    configuration.applyDefaults()
    return configuration
  }
}
