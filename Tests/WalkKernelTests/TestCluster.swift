import Doubles
import IPTables
import Inspection
import KubeProxy
import KubernetesAPI
import Lab
import Planner
import RuleAnalysis
import ServiceModel
import Synchronization
import Testing

/// A lab whose node kind-worker has the rules of Services of every kind, and what the planner knows of it.
struct TestCluster: Sendable {
  static let layout = Layout(nodes: [
    .init("kind-control-plane"), .init("kind-worker", pods: ["c1", "s1", "s2"]), .init("kind-worker2", pods: ["s3"]),
  ])

  let lab: Lab
  let setting: Setting
  let services: [ServiceObject]
  /// All objects, as `kubectl get -o json` prints them.
  let manifests: String
  private let snapshot: ClusterSnapshot

  var node: LabNode { lab.node("kind-worker") }

  init(_ lab: Lab, _ setting: Setting) throws {
    self.lab = lab
    self.setting = setting
    services = TestCluster.services(lab)
    let list: JSON = [
      "apiVersion": "v1", "kind": "List", "items": .array(lab.nodeObjects + services.flatMap(\.objects)),
    ]
    manifests = list.text
    let contents = try ManifestLoader(storage: MemoryFiles(["list.json": manifests])).load("list.json")
    try #require(contents.failures.isEmpty, "\(contents.failures)")
    snapshot = contents.snapshot()
  }

  private func options(_ family: IPFamily) -> PlannerOptions {
    var options = PlannerOptions(family: family, nodeName: node.name)
    options.nodeIP = node.addresses[family]
    options.dispatch = setting.dispatch
    options.endpointRules = setting.endpointRules
    options.masqueradeAll = setting.masqueradeAll
    options.localTraffic =
      setting.byInterface
      ? .interface(InterfacePattern(name: "veth", isPrefix: true)!) : .source(Layout.podNetwork(family))
    options.serviceSubnets = [Layout.serviceNetwork(family)]
    return options
  }

  private func host(_ family: IPFamily) -> WalkHost {
    WalkHost(localAddresses: [node.addresses[family], node.gateway(family)])
  }

  /// What is planned.
  func planned(_ family: IPFamily) -> Scene { Scene(planning: snapshot, options(family), host: host(family)) }

  /// What the kernel holds.
  func held(_ family: IPFamily) async throws -> Scene {
    let text = try await Command([setting.program(family, "save")]).run(in: node.namespace)
    return Scene(
      rules: try RuleSet(family: family, restoring: text), host: host(family), snapshot: snapshot,
      options: options(family))
  }

  /// Starts the servers and programs the node.
  func start() async throws {
    for server in ["s1", "s2", "s3"] {
      try await lab.responder.serve(lab.pod(server), .tcp, port: 8080)
      try await lab.responder.serve(lab.pod(server), .udp, port: 5353)
      try await lab.responder.serve(lab.pod(server), .sctp, port: 13868)
    }
    try await lab.responder.serve(node, .tcp, port: 8080)
    try await lab.responder.serve(node, .udp, port: 5353)
    try await lab.responder.serve(node, .sctp, port: 13868)
    try await node.namespace.setSysctls(["ipv4/conf/all/route_localnet": "1"])
    var routes = ""
    for family in IPFamily.allCases {
      for network in [Layout.serviceNetwork(family), external(family)] {
        routes += "route add \(network) via \(node.addresses[family])\n"
      }
      let payload = Mutex<[UInt8]>([])
      try DryRunText(ClusterPlan(options: options(family), snapshot: snapshot)).write { bytes in
        payload.withLock { $0 += bytes }
      }
      let input = payload.withLock { String(decoding: $0, as: UTF8.self) }
      try await Command([setting.program(family, "restore"), "--noflush"], input: input).run(in: node.namespace)
    }
    try await lab.ip(routes, in: lab.outsider.namespace)
  }

  /// Who has this address.
  func name(of address: IPAddress) -> String? {
    let hosts: [any LabHost] = lab.pods + lab.nodes
    return hosts.first { $0.addresses[address.family] == address }?.name
  }
}

/// For external and load-balancer IPs (RFC 5737, RFC 3849).
func external(_ family: IPFamily) -> CIDR { CIDR(family == .ipv4 ? "203.0.113.0/24" : "2001:db8:113::/64")! }

extension TestCluster {
  private static func services(_ lab: Lab) -> [ServiceObject] {
    func pod(_ name: String) -> ServiceObject.Endpoint { .init(lab.pod(name)) }
    func make(
      _ name: String, _ number: Int, _ endpoints: [ServiceObject.Endpoint],
      _ change: (inout ServiceObject) -> Void = { _ in }
    ) -> ServiceObject {
      let ports: [ServiceObject.Port] = [
        .init("http", .tcp, 80, target: 8080), .init("dns", .udp, 53, target: 5353),
        .init("diameter", .sctp, 3868, target: 13868),
      ]
      var service = ServiceObject(name, number, ports: ports, endpoints: endpoints)
      change(&service)
      return service
    }
    func open(_ service: inout ServiceObject) {
      service.type = .loadBalancer
      let number = service.number
      for port in service.ports.indices { service.ports[port].nodePort = UInt16(30000 + number) }
      service.externalIPs = IPFamily.allCases.map { Layout.address(number, in: external($0)) }
      service.ingressIPs = IPFamily.allCases.map { Layout.address(100 + number, in: external($0)) }
    }
    let outsider = IPFamily.allCases.map { CIDR(host: lab.outsider.addresses[$0]) }
    let strangers = [CIDR("198.18.0.0/15")!, CIDR("2001:db8:ffff::/48")!]
    var services = [
      make("web", 10, [pod("s1"), pod("s2"), pod("s3")], open),
      make("guarded", 11, [pod("s2"), pod("s3")]) {
        open(&$0); $0.sourceRanges = outsider
      },
      make("forbidden", 12, [pod("s2")]) {
        open(&$0); $0.sourceRanges = strangers
      },
      make("local", 13, [pod("s1"), pod("s3")]) {
        open(&$0); $0.externalTrafficPolicy = .local
      },
      make("remote", 14, [pod("s3")]) {
        open(&$0)
        $0.externalTrafficPolicy = .local
        $0.internalTrafficPolicy = .local
      },
      make("none", 15, [pod("s1").notReady()], open),
      make("sticky", 16, [pod("s1"), pod("s2"), pod("s3")]) { $0.affinityTimeout = 600 },
      make("hairpin", 17, [pod("s1")], open),
      make("draining", 18, [pod("s1").terminating(serving: false), pod("s2").terminating(serving: true)]),
      make("on-host", 19, [ServiceObject.Endpoint(lab.node("kind-worker"))], open),
    ]
    // Enough for dispatch to be split.
    services += (0..<50).map { make("filler-\($0)", 40 + $0, [pod("s2")]) }
    return services
  }
}
