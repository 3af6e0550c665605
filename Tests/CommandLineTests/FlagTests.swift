import ArgumentParser
import Configuration
import Doubles
import KubernetesAPI
import ServiceModel
import Testing
import Time

@testable import Commands

@Suite(.timeLimit(.minutes(5))) struct FlagTests {
  /// A flag of kube-proxy 1.36 and what the configuration says with it.
  struct Setting: Sendable {
    var flag: String
    var line: String

    init(_ flag: String, _ line: String) {
      self.flag = flag
      self.line = line
    }
  }

  static let settings = [
    Setting("--bind-address=::", "bindAddress: \"::\""),
    Setting("--bind-address-hard-fail", "bindAddressHardFail: true"),
    Setting("--cluster-cidr=10.10.0.0/16,fd00::/48", "clusterCIDR: 10.10.0.0/16,fd00::/48"),
    Setting("--config-sync-period=1m", "configSyncPeriod: 1m0s"),
    Setting("--conntrack-max-per-core=0", "  maxPerCore: 0"),
    Setting("--conntrack-min=7", "  min: 7"), Setting("--conntrack-tcp-be-liberal", "  tcpBeLiberal: true"),
    Setting("--conntrack-tcp-timeout-close-wait=5s", "  tcpCloseWaitTimeout: 5s"),
    Setting("--conntrack-tcp-timeout-established=0", "  tcpEstablishedTimeout: 0s"),
    Setting("--conntrack-udp-timeout=9s", "  udpTimeout: 9s"),
    Setting("--conntrack-udp-timeout-stream=150s", "  udpStreamTimeout: 2m30s"),
    Setting("--detect-local-mode=NodeCIDR", "detectLocalMode: NodeCIDR"),
    Setting("--feature-gates=A=true,B=false", "  A: true"),
    Setting("--healthz-bind-address=127.0.0.1:1", "healthzBindAddress: 127.0.0.1:1"),
    Setting("--hostname-override= Node-A ", "hostnameOverride: \" Node-A \""),
    Setting("--iptables-localhost-nodeports=false", "  localhostNodePorts: false"),
    Setting("--iptables-masquerade-bit=5", "  masqueradeBit: 5"),
    Setting("--iptables-min-sync-period=0s", "  minSyncPeriod: 0s"),
    Setting("--iptables-sync-period=1m", "  syncPeriod: 1m0s"),
    Setting("--kube-api-burst=3", "  burst: 3"),
    Setting("--kube-api-content-type=application/json", "  contentType: application/json"),
    Setting("--kube-api-qps=2.5", "  qps: 2.5"), Setting("--kubeconfig=/a/b", "  kubeconfig: /a/b"),
    Setting("--log-flush-frequency=1s", "  flushFrequency: 1s"), Setting("--logging-format=json", "  format: json"),
    Setting("--masquerade-all", "  masqueradeAll: true"),
    Setting("--metrics-bind-address=", "metricsBindAddress: \"\""),
    Setting("--nodeport-addresses=primary", "- primary"), Setting("--oom-score-adj=-5", "oomScoreAdj: -5"),
    Setting("--profiling", "enableProfiling: true"), Setting("--proxy-mode=iptables", "mode: iptables"),
    Setting("--show-hidden-metrics-for-version=1.35", "showHiddenMetricsForVersion: \"1.35\""),
    Setting("-v=3", "  verbosity: 3"), Setting("--vmodule=a=2", "  - filePattern: a"),
  ]

  @Test func `each flag sets its field`() throws {
    let without = try load([]).configuration.source.yaml().split(separator: "\n")
    let with = try load(Self.settings.map(\.flag)).configuration.source.yaml().split(separator: "\n")
    for setting in Self.settings {
      #expect(with.contains(Substring(setting.line)), "\(setting.flag)")
      let isDefault = setting.flag == "--proxy-mode=iptables"
      #expect(without.contains(Substring(setting.line)) == isDefault, "\(setting.flag)")
    }
  }

  @Test func `old forms of flags`() throws {
    let configuration = try load(["--healthz-port=0", "--metrics-port=0", "--v=3"]).configuration
    #expect(configuration.healthzAddress == nil)
    #expect(configuration.metricsAddress == nil)
    #expect(configuration.logging.verbosity == 3)
    let moved = try load(["--healthz-port=11256", "--metrics-bind-address=192.0.2.1", "--metrics-port=80"])
      .configuration
    #expect(moved.healthzAddress?.description == "0.0.0.0:11256")
    #expect(moved.metricsAddress?.description == "192.0.2.1:80")
  }

  @Test(arguments: [("0.0.0.0", "0.0.0.0"), ("::", "[::]"), ("192.0.2.1", "192.0.2.1"), ("fd00::1", "[fd00::1]")])
  func `an address without a port gets the default port`(text: String, host: String) throws {
    let configuration = try load(["--healthz-bind-address=\(text)", "--metrics-bind-address=\(text)"]).configuration
    #expect(configuration.healthzAddress?.description == "\(host):10256")
    #expect(configuration.metricsAddress?.description == "\(host):10249")
    #expect(
      try load(["--metrics-bind-address=\(text)", "--metrics-port=80"]).configuration.metricsAddress?.description
        == "\(host):80")
  }

  @Test func `flags of other modes are accepted and have no effect`() throws {
    let flags = [
      "--ipvs-exclude-cidrs=10.0.0.0/8", "--ipvs-min-sync-period=1s", "--ipvs-scheduler=rr", "--ipvs-strict-arp",
      "--ipvs-sync-period=1s", "--ipvs-tcp-timeout=1s", "--ipvs-tcpfin-timeout=1s", "--ipvs-udp-timeout=1s",
      "--log-json-info-buffer-size=0", "--log-json-split-stream", "--log-text-info-buffer-size=0",
      "--log-text-split-stream", "--boot-id-file=/x", "--machine-id-file=/x,/y",
    ]
    #expect(try load(flags).configuration == load([]).configuration)
  }

  @Test func `interfaces of the local modes`() throws {
    #expect(
      try load(["--detect-local-mode=BridgeInterface", "--pod-bridge-interface=cni0"]).configuration.detectLocalMode
        == .bridgeInterface("cni0"))
    #expect(
      try load(["--detect-local-mode=InterfaceNamePrefix", "--pod-interface-name-prefix=veth"]).configuration
        .detectLocalMode == .interfaceNamePrefix("veth"))
  }

  @Test func `the last of two values counts, and lists are joined`() throws {
    let configuration = try load([
      "--oom-score-adj", "-1", "--oom-score-adj=-2", "--nodeport-addresses=10.0.0.0/8,fd00::/8",
      "--nodeport-addresses", "192.0.2.0/24",
    ]).configuration
    #expect(configuration.oomScoreAdjustment == -2)
    #expect(
      configuration.nodePortAddresses
        == .cidrs([CIDR("10.0.0.0/8")!, CIDR("fd00::/8")!, CIDR("192.0.2.0/24")!]))
  }

  /// A zero from a flag means zero. A zero in the file means that the field is absent, as in kube-proxy.
  @Test func `a flag's zero means zero`() throws {
    #expect(try load(["--iptables-min-sync-period=0"]).configuration.minSyncPeriod == .zero)
    #expect(try load(["--config=/c"], file: "iptables: {minSyncPeriod: 0s}").configuration.minSyncPeriod == .seconds(1))
    #expect(try load(["--metrics-bind-address="]).configuration.metricsAddress == nil)
    // An empty mode means the default.
    #expect(try load(["--proxy-mode=", "--detect-local-mode="]).configuration == load([]).configuration)
    #expect(try load(["--config=/c"], file: "metricsBindAddress: ''").configuration.metricsAddress != nil)
  }

  @Test func `the file overrides flags, except the host name and logging`() throws {
    let loaded = try load(
      [
        "--config=/c", "--cluster-cidr=10.0.0.0/8", "--masquerade-all", "--hostname-override=B", "-v=4",
        "--service-subnet=10.200.1.0/24",
      ],
      file: "clusterCIDR: 10.10.0.0/16\nhostnameOverride: a\nlogging: {verbosity: 1, format: json}")
    #expect(loaded.configuration.clusterCIDRs.map(\.description) == ["10.10.0.0/16"])
    #expect(!loaded.configuration.masqueradeAll)
    #expect(loaded.configuration.nodeName == "b")
    #expect(loaded.configuration.logging.format == .json)
    #expect(loaded.configuration.logging.verbosity == 4)
    #expect(loaded.configuration.serviceSubnets == .flag([CIDR("10.200.1.0/24")!]))
    #expect(
      loaded.warnings == [
        "--cluster-cidr is ignored because --config is given (there it is clusterCIDR)",
        "--masquerade-all is ignored because --config is given (there it is iptables.masqueradeAll)",
      ])
  }

  @Test func `an invalid flag is named`() {
    let errors = #expect(throws: ConfigurationErrors.self) {
      try load(["--cluster-cidr=10.0.0.0", "--nodeport-addresses=10.0.0.0/8,x", "--proxy-mode=ipvs"])
    }
    #expect(
      errors?.errors.map(\.description) == [
        "--proxy-mode: \"ipvs\" is not supported: this program implements iptables mode",
        "--cluster-cidr: \"10.0.0.0\" is not a CIDR (ADDRESS/LENGTH)",
        "--nodeport-addresses: \"x\" is not a CIDR (ADDRESS/LENGTH)",
      ])
  }

  @Test func `an invalid field is named with its line`() {
    let errors = #expect(throws: ConfigurationErrors.self) { try load(["--config=/c"], file: "mode: ipvs") }
    #expect(
      errors?.description
        == "/c:3 (document 1): mode: \"ipvs\" is not supported: this program implements iptables mode")
  }

  @Test func `written configuration reads the same`() throws {
    let first = try load(["--cluster-cidr=10.10.0.0/16", "--masquerade-all", "--nodeport-addresses=primary", "-v=2"])
    let yaml = try first.configuration.source.yaml()
    let file = yaml.split(separator: "\n").filter { !$0.hasPrefix("apiVersion") && !$0.hasPrefix("kind") }
    let second = try load(["--config=/c"], file: file.joined(separator: "\n"))
    #expect(second.configuration == first.configuration)
    #expect(second.warnings.isEmpty)
  }

  @Test(arguments: [
    ["--dry-run"], ["--ip-family=ipv4"], ["--cleanup=true", "--init-only=true"], ["--dispatch=deep"],
    ["--endpoint-rules=none"],
    ["--iptables-backend=ebtables"], ["--conntrack-min=many"], ["--iptables-sync-period=30"], ["--service-subnet=x"],
    ["--state-file="], ["--state-after=-1s"], ["--state-after=10"], ["--state-max-age=0s"],
    ["--dry-run", "--manifests=x", "--interface-address=10.0.0.1"],
    ["--dry-run", "--manifests=x", "--host-feature=wings=true"], ["stray"],
  ])
  func `command lines that are refused`(arguments: [String]) {
    #expect(throws: (any Error).self) { try RunCommand.parse(arguments) }
  }

  @Test(arguments: ["--manifests", "--config", "--write-config-to", "--state-file"])
  func `a flag that takes a path names itself if its value is empty`(flag: String) {
    let error = #expect(throws: (any Error).self) { try RunCommand.parse([flag, ""]) }
    #expect(error.map { RunCommand.message(for: $0) } == "\(flag) needs a path, but its value is empty.")
  }

  @Test(arguments: ["--manifests", "--config", "--rules"])
  func `so do the flags of the commands that look at rules`(flag: String) {
    let error = #expect(throws: (any Error).self) { try DiffCommand.parse([flag, ""]) }
    #expect(error.map { DiffCommand.message(for: $0) } == "\(flag) needs a path, but its value is empty.")
  }

  /// As in kube-proxy: the pod's service account is used.
  @Test func `an empty kubeconfig is none`() throws {
    #expect(try load(["--kubeconfig="]).configuration == load([]).configuration)
  }

  @Test(arguments: [["--dry-run", "--manifests=x"], ["--cleanup=true"], ["--init-only=true"], ["--shadow"]])
  func `writing the configuration excludes other actions`(other: [String]) {
    let error = #expect(throws: (any Error).self) { try RunCommand.parse(other + ["--write-config-to=/f"]) }
    let message = error.map { RunCommand.message(for: $0) } ?? ""
    #expect(message.hasSuffix(" exclude each other.") && message.contains("--write-config-to"), "\(message)")
  }

  @Test func `with manifests the flags about the API server have no effect, and a warning names them`() throws {
    let client = try RunCommand.parse(["--kubeconfig=/k", "--master=http://m"]).client
    #expect(client.warnings(manifests: nil).isEmpty)
    #expect(
      client.warnings(manifests: "/m") == [
        "--kubeconfig has no effect with --manifests: the objects come from the manifests",
        "--master has no effect with --manifests: the objects come from the manifests",
      ])
    #expect(try RunCommand.parse(["--kubeconfig", ""]).client.warnings(manifests: "/m").isEmpty)
  }

  @Test func `a state file is used after ten seconds and for a day`() throws {
    let state = try RunCommand.parse(["--state-file", "/var/lib/x/state"]).state
    #expect(state.stateFile == "/var/lib/x/state")
    #expect(state.stateAfter == GoDuration(.seconds(10)))
    #expect(state.stateMaxAge == GoDuration(.seconds(86400)))
    let other = try RunCommand.parse(["--state-file=/s", "--state-after=0", "--state-max-age=72h"]).state
    #expect(other.stateAfter == .zero)
    #expect(other.stateMaxAge.description == "72h0m0s")
  }

  @Test func `the error of a duration without a unit names the right form`() {
    let error = #expect(throws: (any Error).self) { try RunCommand.parse(["--iptables-sync-period=30"]) }
    #expect(error.map { RunCommand.message(for: $0) }?.contains("write 30s") == true)
  }

  @Test func `a maximal age of zero is refused in words`() {
    let error = #expect(throws: (any Error).self) { try RunCommand.parse(["--state-max-age=0"]) }
    #expect(error.map { RunCommand.message(for: $0) } == "--state-max-age must be more than 0, but it is 0s.")
  }

  @Test func `feature gates of flags`() throws {
    let loaded = try load(["--feature-gates=AllowServiceExternalIPs=false,Turbo=true"])
    #expect(!loaded.configuration.allowsExternalIPs)
    #expect(
      loaded.warnings == ["featureGates.Turbo: kube-proxy 1.36 has no such feature gate; it has no effect"])
  }

  @Test(arguments: [
    "AllAlpha=false, AllowServiceExternalIPs=false", "AllowServiceExternalIPs= false",
    " AllowServiceExternalIPs =false ",
  ])
  func `blanks around a feature gate and its value are ignored`(gates: String) throws {
    let loaded = try load(["--feature-gates", gates])
    #expect(!loaded.configuration.allowsExternalIPs)
    #expect(loaded.warnings.isEmpty, "\(loaded.warnings)")
  }

  @Test func `errors in the file are reported whatever the flags are`() {
    let errors = #expect(throws: ConfigurationErrors.self) {
      try load(["--config=/c", "-v=2"], file: "logging: {verbosity: high}\noomScoreAdj: 5000")
    }
    #expect(
      errors?.errors.map(\.description) == [
        "/c:3 (document 1): logging.verbosity: is not a number",
        "/c:4 (document 1): oomScoreAdj: 5000 is not within -1000 to 1000",
      ])
  }

  private func load(_ arguments: [String], file: String = "") throws -> LoadedConfiguration {
    let normalized = Arguments.normalized(arguments, commands: ["run"]).dropFirst()
    let header = "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n"
    return try RunCommand.parse(Array(normalized)).load(
      hostname: "Host-1", storage: MemoryFiles(["/c": header + file]))
  }
}
