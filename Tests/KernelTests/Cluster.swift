import Lab
import ServiceModel
import Synchronization

/// A lab with servers in its pods, and a proxy on each node that follows one folder of manifests.
///
///     kind-control-plane   172.18.0.2   c0 (client)   s0 (server)
///     kind-worker          172.18.0.3   c1 (client)   s1, s2 (servers)
///     kind-worker2         172.18.0.4   c2 (client)
///     mypc                 172.18.0.100
///
/// Servers answer on TCP 8080 and UDP 5353.
final class Cluster: Sendable {
  static let layout = Layout(nodes: [
    .init("kind-control-plane", pods: ["c0", "s0"]), .init("kind-worker", pods: ["c1", "s1", "s2"]),
    .init("kind-worker2", pods: ["c2"]),
  ])

  let lab: Lab
  let backend: Backend
  private let folder: ScratchFolder
  private let proxies: [Proxy]
  private let applied = Mutex("")

  /// A node and the proxy on it.
  private struct Proxy {
    let node: LabNode
    let daemon: Daemon
  }

  private init(_ backend: Backend, _ lab: Lab, _ folder: ScratchFolder, _ proxies: [Proxy]) {
    self.backend = backend
    self.lab = lab
    self.folder = folder
    self.proxies = proxies
  }

  static func build(
    _ backend: Backend, _ services: (Lab) -> [ServiceObject] = { _ in [] }, extraArguments: [String] = []
  ) async throws -> Cluster {
    let folder = try ScratchFolder()
    let lab = try await Lab.build(Cluster.layout)
    do {
      for server in ["s0", "s1", "s2"] {
        try await lab.responder.serve(lab.pod(server), .tcp, port: 8080)
        try await lab.responder.serve(lab.pod(server), .udp, port: 5353)
      }
      try folder.write(manifest(lab, services(lab)), to: "objects.json")
      var proxies: [Proxy] = []
      for node in lab.nodes {
        proxies.append(Proxy(node: node, daemon: try await start(backend, lab, node, folder, extraArguments)))
      }
      for proxy in proxies { try await proxy.daemon.waitForSync(after: 0) }
      let cluster = Cluster(backend, lab, folder, proxies)
      try await cluster.routesOfTheOutsider()
      return cluster
    } catch {
      try? await lab.tearDown()
      throw error
    }
  }

  private static func start(
    _ backend: Backend, _ lab: Lab, _ node: LabNode, _ folder: ScratchFolder, _ extraArguments: [String]
  ) async throws -> Daemon {
    let networks = IPFamily.allCases.map { "\(Layout.podNetwork($0))" }.joined(separator: ",")
    return try await lab.start(
      [
        Program.path, "--manifests", folder.path, "--hostname-override", node.name, "--cluster-cidr", networks,
        "--iptables-backend", backend.rawValue, "--iptables-min-sync-period", "0s",
      ] + extraArguments, on: node)
  }

  /// Routes the outsider's packets to the cluster through kind-worker.
  private func routesOfTheOutsider() async throws {
    let worker = lab.node("kind-worker")
    var routes = ""
    for family in IPFamily.allCases {
      for network in [Layout.serviceNetwork(family), Address.external(family)] {
        routes += "route add \(network) via \(worker.addresses[family])\n"
      }
    }
    try await lab.ip(routes, in: lab.outsider.namespace)
  }

  func tearDown() async throws { try await lab.tearDown() }

  /// Makes these the cluster's only Services; returns when every node has them in its kernel.
  func apply(_ services: [ServiceObject]) async throws {
    let text = Cluster.manifest(lab, services)
    // If nothing changes, no proxy syncs and the wait would not end.
    guard applied.withLock({ $0 != text }) else { return }
    let marks = proxies.map(\.daemon.mark)
    try folder.write(text, to: "objects.json")
    applied.withLock { $0 = text }
    for (proxy, mark) in zip(proxies, marks) { try await proxy.daemon.waitForSync(after: mark) }
  }

  private static func manifest(_ lab: Lab, _ services: [ServiceObject]) -> String {
    let list: JSON = [
      "apiVersion": "v1", "kind": "List", "items": .array(lab.nodeObjects + services.flatMap(\.objects)),
    ]
    return list.text
  }

  func daemon(on node: String) -> Daemon { proxies.first { $0.node.name == node }!.daemon }
}

/// Addresses that the tests agree on.
enum Address {
  /// For external and load-balancer IPs (RFC 5737, RFC 3849).
  static func external(_ family: IPFamily) -> CIDR { CIDR(family == .ipv4 ? "203.0.113.0/24" : "2001:db8:113::/64")! }

  static func external(_ family: IPFamily, _ number: Int) -> IPAddress {
    IPAddress(family: family, bits: external(family).address.bits + UInt128(number))
  }
}
