import ServiceModel
import Testing
import Time

@testable import Configuration
@testable import KubernetesAPI

@Suite(.timeLimit(.minutes(5))) struct ConfigurationTests {
  static let header = "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n"

  @Test func `empty file gives the defaults of kube-proxy`() throws {
    let configuration = try resolve("")
    #expect(configuration.nodeName == "node-1")
    #expect(configuration.bindAddress == IPAddress("0.0.0.0"))
    #expect(configuration.healthzAddress?.description == "0.0.0.0:10256")
    #expect(configuration.metricsAddress?.description == "127.0.0.1:10249")
    #expect(configuration.detectLocalMode == .clusterCIDR)
    #expect(configuration.clusterCIDRs.isEmpty)
    #expect(configuration.nodePortAddresses == .all)
    #expect(configuration.masqueradeBit == 14)
    #expect(!configuration.masqueradeAll)
    #expect(configuration.localhostNodePorts)
    #expect(configuration.syncPeriod == .seconds(30))
    #expect(configuration.minSyncPeriod == .seconds(1))
    #expect(configuration.source.configSyncPeriod == GoDuration(.seconds(900)))
    #expect(configuration.oomScoreAdjustment == -999)
    #expect(configuration.logging == LoggingSettings(format: .text, verbosity: 0))
    #expect(
      configuration.conntrack
        == ConntrackSettings(
          maxPerCore: 32_768, minimum: 131_072, tcpEstablishedTimeout: .seconds(86_400),
          tcpCloseWaitTimeout: .seconds(3_600), tcpBeLiberal: false, udpTimeout: nil, udpStreamTimeout: nil))
  }

  @Test func `addresses follow the family of the bind address`() throws {
    let configuration = try resolve("bindAddress: '::'\nhealthzBindAddress: '::1'\n")
    #expect(configuration.healthzAddress?.description == "[::1]:10256")
    #expect(configuration.metricsAddress?.description == "[::1]:10249")
  }

  /// As kubeadm writes it into the ConfigMap kube-system/kube-proxy.
  @Test func `kubeadm's ConfigMap`() throws {
    let configuration = try resolve(
      """
      bindAddress: 0.0.0.0
      bindAddressHardFail: false
      clientConnection:
        acceptContentTypes: ""
        burst: 0
        contentType: ""
        kubeconfig: /var/lib/kube-proxy/kubeconfig.conf
        qps: 0
      clusterCIDR: 10.10.0.0/16,fd00:10:10::/56
      configSyncPeriod: 0s
      conntrack:
        maxPerCore: 0
        min: null
        tcpBeLiberal: true
        tcpCloseWaitTimeout: null
        tcpEstablishedTimeout: 0s
        udpStreamTimeout: 150s
        udpTimeout: 0s
      detectLocal: {bridgeInterface: "", interfaceNamePrefix: ""}
      detectLocalMode: ""
      enableProfiling: false
      healthzBindAddress: ""
      hostnameOverride: " Kind-Worker "
      iptables: {localhostNodePorts: null, masqueradeAll: true, masqueradeBit: 5, minSyncPeriod: 0s, syncPeriod: 1m}
      ipvs: {excludeCIDRs: null, minSyncPeriod: 0s, scheduler: "", strictARP: false, syncPeriod: 0s, tcpFinTimeout: 0s}
      logging: {flushFrequency: 0, options: {json: {infoBufferSize: "0"}, text: {infoBufferSize: "0"}}, verbosity: 2}
      metricsBindAddress: "0.0.0.0:10249"
      mode: ""
      nftables: {masqueradeAll: false, masqueradeBit: null, minSyncPeriod: 0s, syncPeriod: 0s}
      nodePortAddresses: [primary]
      oomScoreAdj: null
      portRange: ""
      showHiddenMetricsForVersion: ""
      winkernel: {enableDSR: false, forwardHealthCheckVip: false, networkName: "", sourceVip: ""}
      """)
    #expect(configuration.nodeName == "kind-worker")
    #expect(configuration.kubeconfig == "/var/lib/kube-proxy/kubeconfig.conf")
    #expect(configuration.clusterCIDRs.map(\.description) == ["10.10.0.0/16", "fd00:10:10::/56"])
    #expect(configuration.clusterCIDR(of: .ipv6)?.description == "fd00:10:10::/56")
    #expect(configuration.masqueradeAll)
    #expect(configuration.masqueradeBit == 5)
    #expect(configuration.syncPeriod == .seconds(60))
    #expect(configuration.nodePortAddresses == .primary)
    #expect(configuration.logging.verbosity == 2)
    #expect(configuration.metricsAddress?.description == "0.0.0.0:10249")
    #expect(configuration.conntrack.maxPerCore == nil)
    #expect(configuration.conntrack.tcpBeLiberal)
    #expect(configuration.conntrack.tcpEstablishedTimeout == nil)
    #expect(configuration.conntrack.udpStreamTimeout == .seconds(150))
  }

  @Test func `leading zeros are decimal`() throws {
    let configuration = try resolve(
      """
      bindAddress: 172.018.000.003
      metricsBindAddress: 127.0.0.01:10249
      clusterCIDR: 10.010.0.0/16
      nodePortAddresses: [172.018.0.0/16]
      """)
    #expect(configuration.bindAddress == IPAddress("172.18.0.3"))
    #expect(configuration.metricsAddress?.description == "127.0.0.1:10249")
    #expect(configuration.clusterCIDRs == [CIDR("10.10.0.0/16")!])
    #expect(configuration.nodePortAddresses == .cidrs([CIDR("172.18.0.0/16")!]))
  }

  @Test func `a cluster CIDR that the mode does not use is not checked`() throws {
    let configuration = try resolve("detectLocalMode: NodeCIDR\nclusterCIDR: 10.0.0.0\n")
    #expect(configuration.detectLocalMode == .nodeCIDR)
    #expect(configuration.clusterCIDRs.isEmpty)
  }

  @Test(arguments: [
    ("mode: ipvs", "mode"), ("mode: nftables", "mode"), ("bindAddress: here", "bindAddress"),
    ("healthzBindAddress: 0.0.0.0:0", "healthzBindAddress"),
    ("metricsBindAddress: '::1:10249:x'", "metricsBindAddress"),
    ("clusterCIDR: 10.0.0.0", "clusterCIDR"), ("clusterCIDR: 10.0.0.0/8,10.1.0.0/16", "clusterCIDR"),
    ("nodePortAddresses: [10.0.0.0/8, x]", "nodePortAddresses[1]"),
    ("nodePortAddresses: [10.0.0.0/8, primary]", "nodePortAddresses[1]"),
    ("iptables: {masqueradeBit: 32}", "iptables.masqueradeBit"),
    ("iptables: {syncPeriod: 1s, minSyncPeriod: 2s}", "iptables.syncPeriod"),
    ("iptables: {minSyncPeriod: -1s}", "iptables.minSyncPeriod"),
    ("detectLocalMode: Magic", "detectLocalMode"),
    ("detectLocalMode: BridgeInterface", "detectLocal.bridgeInterface"),
    (
      "detectLocalMode: InterfaceNamePrefix\ndetectLocal: {interfaceNamePrefix: 'a b'}",
      "detectLocal.interfaceNamePrefix"
    ),
    ("oomScoreAdj: -1001", "oomScoreAdj"), ("conntrack: {min: -1}", "conntrack.min"),
    ("conntrack: {udpTimeout: -5s}", "conntrack.udpTimeout"), ("configSyncPeriod: -1s", "configSyncPeriod"),
    ("logging: {format: xml}", "logging.format"), ("showHiddenMetricsForVersion: one", "showHiddenMetricsForVersion"),
    ("hostnameOverride: 'a b'", "hostnameOverride"),
  ])
  func `the error of an impossible value names the field and the line`(text: String, field: String) throws {
    var file = try ConfigurationFile(Array((Self.header + text).utf8), name: "config.yaml")
    file.configuration.applyDefaults()
    let errors = #expect(throws: ConfigurationErrors.self) {
      try file.configuration.checked(in: ConfigurationContext(hostname: "node-1"))
    }
    let located = file.located(try #require(errors)).errors
    #expect(located.map(\.field) == [field])
    // A field that is missing has no line of its own.
    let line: Int? = field == "detectLocal.bridgeInterface" ? nil : (text.contains("\n") ? 4 : 3)
    #expect(located.first?.source?.line == line)
  }

  @Test func `all errors come at once`() throws {
    let errors = #expect(throws: ConfigurationErrors.self) {
      try resolve("mode: ipvs\nbindAddress: x\noomScoreAdj: 5000\nnodePortAddresses: [x, y]\n")
    }
    #expect(
      try #require(errors).errors.map(\.field) == [
        "mode", "bindAddress", "nodePortAddresses[0]", "nodePortAddresses[1]", "oomScoreAdj",
      ])
  }

  @Test(arguments: [
    ("iptables: {masqueradeBit: many}", "iptables.masqueradeBit", "is not a number"),
    ("iptables: []", "iptables", "is not an object"),
    ("configSyncPeriod: 30", "configSyncPeriod", "30 is not a valid duration because it has no unit: write 30s"),
    ("configSyncPeriod: thirty", "configSyncPeriod", "\"thirty\" is not a valid duration (such as 30s or 1h0m0s)"),
    ("nodePortAddresses: 10.0.0.0/8", "nodePortAddresses", "is not a list"),
    ("bindAddressHardFail: maybe", "bindAddressHardFail", "is not true or false"),
    ("hostnameOverride: 7", "hostnameOverride", "is not a string"),
  ])
  func `the error of a wrong type names the field and the line`(text: String, field: String, problem: String) throws {
    let errors = #expect(throws: ConfigurationErrors.self) { try resolve(text) }
    #expect(
      try #require(errors).errors == [
        ConfigurationError(
          source: ObjectSource(name: "config.yaml", document: 1, line: 3), field: field, problem: problem)
      ])
  }

  @Test func `unknown fields are named and left out`() throws {
    let text = Self.header + "udpIdleTimeout: 250ms\niptables:\n  masqueradeAll: true\n  turbo: true\n"
    let file = try ConfigurationFile(Array(text.utf8), name: "config.yaml")
    #expect(file.configuration.iptables.masqueradeAll)
    #expect(
      file.warnings == [
        "config.yaml:3 (document 1): udpIdleTimeout: is not known and is ignored",
        "config.yaml:6 (document 1): iptables.turbo: is not known and is ignored",
      ])
  }

  @Test func `the last value of a repeated key counts`() throws {
    let text =
      Self.header
      + "clusterCIDR: 10.10.0.0/16\niptables:\n  masqueradeBit: 3\n  masqueradeBit: 5\nclusterCIDR: 10.20.0.0/16\n"
    let file = try ConfigurationFile(Array(text.utf8), name: "config.yaml")
    #expect(file.configuration.clusterCIDR == "10.20.0.0/16")
    #expect(file.configuration.iptables.masqueradeBit == 5)
    #expect(
      file.warnings == [
        "config.yaml:6 (document 1): iptables.masqueradeBit: occurs twice; the last value is used",
        "config.yaml:7 (document 1): clusterCIDR: occurs twice; the last value is used",
      ])
  }

  @Test func `kubeadm's cluster configuration gives the subnets`() throws {
    let text = """
      apiVersion: kubeadm.k8s.io/v1beta4
      kind: ClusterConfiguration
      networking: {serviceSubnet: "10.200.1.0/24,fd00:10:200::/112", podSubnet: 10.10.0.0/16}
      ---
      apiVersion: kubelet.config.k8s.io/v1beta1
      kind: KubeletConfiguration
      ---
      # nothing
      ---
      \(Self.header)
      """
    let file = try ConfigurationFile(Array(text.utf8), name: "config.yaml")
    #expect(file.serviceSubnets.map(\.description) == ["10.200.1.0/24", "fd00:10:200::/112"])
    #expect(file.configuration.clusterCIDR == "10.10.0.0/16")
    #expect(file.warnings.isEmpty)
  }

  @Test func `the cluster CIDR overrides the pod subnet`() throws {
    let text = """
      \(Self.header)clusterCIDR: 10.20.0.0/16
      ---
      {"apiVersion": "kubeadm.k8s.io/v1beta3", "kind": "ClusterConfiguration", "networking": {"podSubnet": "10.10.0.0/16"}}
      """
    let file = try ConfigurationFile(Array(text.utf8), name: "config.yaml")
    #expect(file.configuration.clusterCIDR == "10.20.0.0/16")
  }

  @Test(arguments: [
    ("", "contains no KubeProxyConfiguration"), ("a: [", "did not find expected node content"),
    ("kind: Pod\napiVersion: v1", "contains no KubeProxyConfiguration"),
    ("apiVersion: kubeproxy.config.k8s.io/v1alpha2\nkind: KubeProxyConfiguration", "is not supported"),
    ("kind: KubeProxyConfiguration", "is not supported"), ("a: 1", "is missing"), ("\u{0}", "control characters"),
    (
      "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nnetworking: {serviceSubnet: x}",
      "is not a CIDR"
    ),
  ])
  func `files that are not a configuration`(text: String, problem: String) throws {
    let errors = #expect(throws: ConfigurationErrors.self) {
      try ConfigurationFile(Array(text.utf8), name: "config.yaml")
    }
    #expect(try #require(errors).description.contains(problem))
  }

  @discardableResult
  private func resolve(_ text: String) throws -> ProxyConfiguration {
    var file = try ConfigurationFile(Array((Self.header + text).utf8), name: "config.yaml")
    file.configuration.applyDefaults()
    return try file.configuration.checked(in: ConfigurationContext(hostname: "Node-1"))
  }
}
