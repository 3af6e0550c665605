import Lab
import Testing

/// Messages about manifests and configurations in which one part is wrong or unusual.
@Suite(.timeLimit(.minutes(1))) struct LeftOutTests {
  private static let node = """
    apiVersion: v1
    kind: Node
    metadata: {name: edge-1}
    spec: {podCIDRs: [10.30.1.0/24]}
    status: {addresses: [{type: InternalIP, address: 192.0.2.31}]}

    """

  /// A Service `shop/NAME` with cluster IP 10.40.0.NUMBER and one endpoint, 10.30.1.NUMBER.
  private static func service(_ name: String, _ number: Int, _ spec: String, status: String = "{}") -> String {
    """
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: \(name), namespace: shop}
    spec: {clusterIP: 10.40.0.\(number), ports: [{name: http, port: 80}], \(spec)}
    status: \(status)
    ---
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata: {name: \(name)-1, namespace: shop, labels: {kubernetes.io/service-name: \(name)}}
    addressType: IPv4
    ports: [{name: http, port: 8080}]
    endpoints: [{addresses: [10.30.1.\(number)]}]

    """
  }

  private func dryRun(_ manifests: String, config: String? = nil, _ more: String...) async throws -> CommandResult {
    let folder = try ScratchFolder()
    var arguments = [
      "--manifests", try folder.write(manifests, to: "objects.yaml"), "--dry-run", "--ip-family", "ipv4",
    ]
    arguments += ["--hostname-override", "edge-1", "--interface-address", "192.0.2.31/24"] + more
    if let config {
      let head = "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n"
      arguments += ["--config", try folder.write(head + config, to: "config.yaml")]
    }
    return try await Program.run(arguments)
  }

  private func explain(_ manifests: String, _ more: String...) async throws -> CommandResult {
    let folder = try ScratchFolder()
    let file = try folder.write(manifests, to: "objects.yaml")
    return try await Program.run(["explain", "--manifests", file, "--hostname-override", "edge-1"] + more)
  }

  @Test func `only the bad address is left out`() async throws {
    let manifests =
      Self.node
      + Self.service(
        "lb", 11, "type: LoadBalancer",
        status: #"{loadBalancer: {ingress: [{ip: "203.0.113.5 "}, {ip: 203.0.113.6}]}}"#)
      + Self.service("ex", 12, #"externalIPs: ["", 203.0.113.7]"#)
    let result = try await dryRun(manifests)
    #expect(result.status == 0)
    for address in ["10.40.0.11", "10.40.0.12", "203.0.113.6", "203.0.113.7"] {
      #expect(result.output.contains("-d \(address) "), "\(address)")
    }
    #expect(!result.output.contains("203.0.113.5"))
    #expect(result.errors.contains("Service shop/lb: status.loadBalancer.ingress[0].ip"), "\(result.errors)")
    #expect(result.errors.contains("Service shop/ex: spec.externalIPs[0]"), "\(result.errors)")
    let answer = try await explain(manifests, "--to", "service", "shop/ex")
    #expect(answer.output.contains("Service shop/ex: spec.externalIPs[0]"), "\(answer.output)")
  }

  @Test(arguments: [
    ("kind: Service\nmetadata: {name: a, name: b}\n", "has a repeated key: "),
    ("metadata: {name: a}\n", "kind: is missing"), ("just words\n", "is not an object"),
  ])
  func `a document that cannot be used does not stop the others`(document: String, said: String) async throws {
    let manifests = "\(document)---\n" + Self.node + Self.service("web", 11, "type: ClusterIP")
    let result = try await dryRun(manifests)
    #expect(result.status == 1)
    #expect(result.output.contains("-d 10.40.0.11 "), "\(result.errors)")
    #expect(result.errors.contains(said), "\(result.errors)")
    let answer = try await explain(manifests, "--to", "service", "shop/web")
    #expect(answer.status == 0, "\(answer.errors)")
  }

  @Test func `after a syntax error no rules are printed, and the log says so`() async throws {
    let result = try await dryRun(Self.node + Self.service("web", 11, "type: ClusterIP") + "---\na: [\n")
    #expect(result.status == 1)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains("no rules are printed, because "), "\(result.errors)")
  }

  @Test func `a load balancer without readable source ranges drops everything`() async throws {
    let status = "{loadBalancer: {ingress: [{ip: 203.0.113.6}]}}"
    let manifests =
      Self.node + Self.service("lb", 11, "type: LoadBalancer, loadBalancerSourceRanges: [office]", status: status)
    let result = try await explain(manifests, "--from", "203.0.113.200", "--to", "203.0.113.6:80")
    #expect(result.status == 1)
    let words = result.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(words.contains("no client can reach 203.0.113.6"), "\(result.output)")
  }

  @Test func `a feature gate leaves external IPs out`() async throws {
    let manifests = Self.node + Self.service("ex", 12, "externalIPs: [203.0.113.7]")
    let byFile = try await dryRun(manifests, config: "featureGates: {AllowServiceExternalIPs: false, Turbo: true}")
    #expect(byFile.output.contains("10.40.0.12") && !byFile.output.contains("203.0.113.7"))
    #expect(byFile.errors.contains("featureGates.Turbo: kube-proxy 1.36 has no such feature gate"))
    let byFlag = try await dryRun(manifests, "--feature-gates=AllowServiceExternalIPs=false")
    #expect(byFlag.output.contains("10.40.0.12") && !byFlag.output.contains("203.0.113.7"))
    #expect(byFlag.errors == "")
  }

  @Test func `all wrong values are named`() async throws {
    let result = try await dryRun(
      Self.node, config: "iptables: {syncPeriod: 30, masqueradeAll: 'true'}\noomScoreAdj: 5000\n")
    #expect(result.status == 1)
    #expect(result.errors.contains("iptables.syncPeriod: 30 is not a valid duration because it has no unit: write 30s"))
    #expect(result.errors.contains("iptables.masqueradeAll: is not true or false"))
    #expect(result.errors.contains("oomScoreAdj: 5000 is not within"))
  }

  @Test func `an odd configuration is named`() async throws {
    let result = try await dryRun(
      Self.node, config: "clusterCIDR: fd00:30::/48\nnodePortAddresses: [10.99.0.0/16]\n")
    #expect(result.status == 0)
    #expect(result.errors.contains("clusterCIDR has only IPv6 blocks"), "\(result.errors)")
    #expect(result.errors.contains("nodePortAddresses matches no IPv4 address"), "\(result.errors)")
  }

  @Test func `a missing node is named with those like it`() async throws {
    let result = try await dryRun(Self.node.replacing("edge-1", with: "edge-2"))
    #expect(result.status == 0)
    #expect(result.errors.contains("there is no Node edge-1; similar names are edge-2"), "\(result.errors)")
  }

  @Test func `headless external IPs are explained`() async throws {
    let manifests =
      Self.node
      + Self.service("hl", 13, "externalIPs: [203.0.113.9]").replacing("10.40.0.13", with: "None")
    let result = try await explain(manifests, "--from", "outside", "--to", "203.0.113.9:80")
    #expect(result.status == 1)
    #expect(result.output.contains("203.0.113.9 is an external IP of Service shop/hl, which gets no rules: headless"))
    #expect(result.errors.contains("Service shop/hl: spec.externalIPs: has no effect"))
  }

  @Test(arguments: [
    ("a second address", "addresses: [10.30.1.11", "addresses: [10.30.1.12, 10.30.1.11", "only 10.30.1.12 is used"),
    (
      "port 0", "{name: http, port: 8080}", "{name: http, port: 8080}, {name: z, port: 0}",
      "ports[1].port: 0 is not a valid port"
    ),
    ("no cluster IP", "clusterIP: 10.40.0.11, ", "type: NodePort, ", "spec.clusterIP: is missing"),
    ("an old version", "discovery.k8s.io/v1", "discovery.k8s.io/v1beta1", "only discovery.k8s.io/v1 is"),
    ("no Service", "service-name: web", "service-name: other", "there is no Service shop/other"),
  ])
  func `what is ignored is named`(what: String, text: String, replacement: String, said: String) async throws {
    let manifests = Self.node + Self.service("web", 11, "sessionAffinity: None").replacing(text, with: replacement)
    let dry = try await dryRun(manifests)
    #expect(dry.status == 0)
    #expect(dry.errors.contains(said), "\(what): \(dry.errors)")
  }
}
