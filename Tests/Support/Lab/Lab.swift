import ServiceModel
import Synchronization

/// A small cluster of network namespaces on this machine, with the layout of a kind cluster.
///
/// The nodes and an outside client share a bridge, which stands for the containers' network. Each pod has a
/// point-to-point link to its node. The names of the namespaces are unique to the lab, and the namespaces are removed
/// with the lab.
package final class Lab: Sendable {
  package let nodes: [LabNode]
  package let pods: [LabPod]
  package let outsider: LabOutsider
  /// Answers for the pods.
  package let responder: Responder
  let network: NetworkNamespace
  private let ownership: Ownership
  private let daemons = Mutex<[Daemon]>([])

  /// Builds a lab for `body` and removes it afterwards, also after an error. Needs root.
  package static func with<Result>(_ layout: Layout, _ body: (Lab) async throws -> Result) async throws -> Result {
    let lab = try await build(layout)
    let result: Result
    do {
      result = try await body(lab)
    } catch {
      // The error of `body` matters more than an error of the clean-up.
      try? await lab.tearDown()
      throw error
    }
    try await lab.tearDown()
    return result
  }

  /// Builds a lab. If that fails, removes the parts that were already built.
  package static func build(_ layout: Layout) async throws -> Lab {
    let lab = try Lab(layout, try await onOwnThread { try Ownership() })
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
    // Disable duplicate address detection before there is any link, so that addresses can be used at once.
    for namespace in plumbing.allNamespaces {
      try await namespace.setSysctls([
        "ipv6/conf/default/accept_dad": "0", "ipv6/conf/all/accept_dad": "0", "ipv6/conf/default/dad_transmits": "0",
        // The kernel would send only about one ICMP rejection per second to each peer, and clients here ask faster.
        "ipv4/icmp_ratelimit": "0", "ipv6/icmp/ratelimit": "0",
      ])
    }
    // The network forwards too. Then it reports at once that there is no route out of it.
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
  package func ip(_ batch: String, in namespace: NetworkNamespace? = nil) async throws {
    try await Command(["ip", "-batch", "-"], input: batch).run(in: namespace)
  }

  package func node(_ name: String) -> LabNode { nodes.first { $0.name == name }! }
  package func pod(_ name: String) -> LabPod { pods.first { $0.name == name }! }

  /// Starts a program on a host. The program ends with the lab at the latest.
  package func start(
    _ arguments: [String], environment: [String: String] = [:], on host: any LabHost
  ) async throws -> Daemon {
    let daemon = try await Daemon.start(arguments, environment: environment, in: host.namespace)
    daemons.withLock { $0.append(daemon) }
    return daemon
  }

  /// Stops the programs and removes the namespaces. If something cannot be removed, the next lab removes it.
  package func tearDown() async throws {
    responder.close()
    for daemon in daemons.withLock({ $0 }) where daemon.status == nil { await daemon.stop() }
    try await onOwnThread { try self.removeNow() }
  }

  /// The same without waiting, for use when a signal arrives: kills the programs.
  package func removeNow() throws {
    responder.close()
    for daemon in daemons.withLock({ $0 }) { daemon.kill9() }
    try Ownership.removeNamespaces(prefix: ownership.prefix)
    ownership.release()
  }
}
