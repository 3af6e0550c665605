import ServiceModel
import Synchronization

/// A small cluster of network namespaces on this machine, laid out like a kind cluster.
///
/// Nodes and an outside client share a bridge that stands for the containers' network; pods hang on their nodes by
/// ptp links. Namespaces' names are unique to the lab, and go with it.
public final class Lab: Sendable {
  public let nodes: [LabNode]
  public let pods: [LabPod]
  public let outsider: LabOutsider
  /// Answers for the pods.
  public let responder: Responder
  let network: NetworkNamespace
  private let ownership: Ownership
  private let daemons = Mutex<[Daemon]>([])

  /// Builds a lab for `body`, and removes it however that ends. Needs root.
  public static func with<Result>(_ layout: Layout, _ body: (Lab) async throws -> Result) async throws -> Result {
    let lab = try await build(layout)
    let result: Result
    do {
      result = try await body(lab)
    } catch {
      // The reason why `body` failed matters more than what else could not be removed then.
      try? await lab.tearDown()
      throw error
    }
    try await lab.tearDown()
    return result
  }

  /// Builds a lab; whatever is there of it is removed again if that fails.
  public static func build(_ layout: Layout) async throws -> Lab {
    try await onOwnThread { try Ownership.removeLeftovers() }
    let lab = try Lab(layout, try Ownership())
    do {
      try await lab.plumb()
    } catch {
      try? await lab.tearDown()
      throw error
    }
    return lab
  }

  private init(_ layout: Layout, _ ownership: Ownership) throws {
    self.ownership = ownership
    let prefix = ownership.prefix
    network = NetworkNamespace("\(prefix)-network")
    outsider = LabOutsider(
      name: layout.outsider, namespace: NetworkNamespace("\(prefix)-\(layout.outsider)"),
      addresses: Addresses { Layout.address(100, in: Layout.nodeNetwork($0)) })
    nodes = layout.nodes.enumerated().map { number, node in
      LabNode(
        name: node.name, namespace: NetworkNamespace("\(prefix)-\(node.name)"),
        addresses: Addresses { Layout.address(2 + number, in: Layout.nodeNetwork($0)) }, number: number)
    }
    pods = layout.nodes.enumerated().flatMap { number, node in
      node.pods.enumerated().map { index, pod in
        LabPod(
          name: pod, namespace: NetworkNamespace("\(prefix)-pod-\(pod)"),
          addresses: Addresses { Layout.address(2 + index, in: Layout.podCIDR($0, node: number)) },
          node: node.name, hostInterface: "veth\(index)")
      }
    }
    responder = try Responder()
  }

  private func plumb() async throws {
    let plumbing = Plumbing(lab: self)
    try await ip(plumbing.makeNamespaces())
    // Addresses are to be usable at once, so no duplicate address detection; before there is any link.
    for namespace in plumbing.allNamespaces {
      try await namespace.setSysctls([
        "ipv6/conf/default/accept_dad": "0", "ipv6/conf/all/accept_dad": "0", "ipv6/conf/default/dad_transmits": "0",
        // The kernel would tell one peer of a rejection about once a second only, and clients here are quicker.
        "ipv4/icmp_ratelimit": "0", "ipv6/icmp/ratelimit": "0",
      ])
    }
    // The network as well: what leaves it is then told at once that there is no route.
    for namespace in [network] + nodes.map(\.namespace) {
      try await namespace.setSysctls([
        "ipv4/ip_forward": "1", "ipv6/conf/all/forwarding": "1", "ipv6/conf/default/forwarding": "1",
      ])
    }
    try await ip(plumbing.bridge(), in: network)
    try await ip(plumbing.outsider(), in: outsider.namespace)
    for node in nodes { try await ip(plumbing.node(node), in: node.namespace) }
    for pod in pods { try await ip(plumbing.pod(pod, on: self.node(pod.node)), in: pod.namespace) }
  }

  /// Runs `ip` with these lines as its commands.
  public func ip(_ batch: String, in namespace: NetworkNamespace? = nil) async throws {
    try await Command(["ip", "-batch", "-"], input: batch).run(in: namespace)
  }

  public func node(_ name: String) -> LabNode { nodes.first { $0.name == name }! }
  public func pod(_ name: String) -> LabPod { pods.first { $0.name == name }! }

  /// Starts a program on a host; it ends with the lab at the latest.
  public func start(
    _ arguments: [String], environment: [String: String] = [:], on host: any LabHost
  ) async throws -> Daemon {
    let daemon = try await Daemon.start(arguments, environment: environment, in: host.namespace)
    daemons.withLock { $0.append(daemon) }
    return daemon
  }

  /// Ends what was started and removes the namespaces. What could not be removed is left to the next lab.
  public func tearDown() async throws {
    responder.close()
    for daemon in daemons.withLock({ $0 }) where daemon.status == nil { await daemon.stop() }
    try await onOwnThread { try self.removeNow() }
  }

  /// The same at once, for a signal's sake: programs are killed.
  public func removeNow() throws {
    responder.close()
    for daemon in daemons.withLock({ $0 }) { daemon.kill9() }
    try Ownership.removeNamespaces(prefix: ownership.prefix)
    ownership.release()
  }
}
