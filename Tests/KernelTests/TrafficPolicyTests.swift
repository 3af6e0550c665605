import Lab
import ServiceModel
import Testing

/// Which endpoint is reached and which client address it sees, for every way to a Service and both values of both
/// traffic policies.
@Suite(.needsRoot, .sharedClusters(PolicyServices.all), .timeLimit(.minutes(10)))
struct TrafficPolicyTests {
  /// The client's address as the endpoint sees it.
  enum Source: Sendable {
    /// The client itself.
    case client
    /// An address of the node that translates, because it masquerades the connection.
    case node
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var reason: String
    var policy: TrafficPolicy
    var client: String
    var way: Way
    /// The endpoints that may answer; none if the packet is dropped.
    var endpoints: Set<String>
    var source: Source

    var testDescription: String { reason }
  }

  /// The address that the client connects to. With a node, it is the node port.
  enum Way: Sendable { case node(String), external, loadBalancer }

  static func external(
    _ reason: String, _ policy: TrafficPolicy, from client: String, _ way: Way, _ endpoints: Set<String>,
    _ source: Source
  ) -> Case {
    Case(reason: reason, policy: policy, client: client, way: way, endpoints: endpoints, source: source)
  }

  static let externalCases: [Case] = [
    external(
      "Cluster: a node port takes outsiders anywhere, masqueraded", .cluster, from: "mypc", .node("kind-worker"),
      ["s0", "s1", "s2"], .node),
    external(
      "Cluster: also on a node without endpoints", .cluster, from: "mypc", .node("kind-worker2"), ["s0", "s1", "s2"],
      .node),
    external("Cluster: an external IP the same", .cluster, from: "mypc", .external, ["s0", "s1", "s2"], .node),
    external(
      "Cluster: a load balancer's IP the same", .cluster, from: "mypc", .loadBalancer, ["s0", "s1", "s2"], .node),
    external(
      "Cluster: pods are masqueraded at a node port as well", .cluster, from: "c2", .node("kind-worker2"),
      ["s0", "s1", "s2"], .node),
    external(
      "Local: only this node's endpoints, and they see the client", .local, from: "mypc", .node("kind-worker"),
      ["s1", "s2"], .client),
    external("Local: an external IP the same", .local, from: "mypc", .external, ["s1", "s2"], .client),
    external("Local: a load balancer's IP the same", .local, from: "mypc", .loadBalancer, ["s1", "s2"], .client),
    external("Local: dropped on a node without endpoints", .local, from: "mypc", .node("kind-worker2"), [], .client),
    external(
      "Local: pods take the short cut to all endpoints, unmasqueraded", .local, from: "c2", .node("kind-worker2"),
      ["s0", "s1", "s2"], .client),
    external(
      "Local: the short cut for a load balancer's IP", .local, from: "c2", .loadBalancer, ["s0", "s1", "s2"], .client),
    external(
      "Local: the node itself takes the short cut, masqueraded", .local, from: "kind-worker2", .node("kind-worker2"),
      ["s0", "s1", "s2"], .node),
  ]

  @Test(arguments: Backend.allCases, externalCases)
  func `externalTrafficPolicy`(_ backend: Backend, _ item: Case) async throws {
    let cluster = try await Cluster.shared(backend)
    let service = PolicyServices.external(item.policy, cluster.lab)
    for family in IPFamily.allCases {
      for port in service.ports {
        switch item.way {
        case .node(let node):
          let address = cluster.lab.node(node).addresses[family]
          try await cluster.check(item, Request(port.transport, address, port: port.nodePort!))
        case .external:
          let address = Address.external(family, service.number)
          try await cluster.check(item, Request(port.transport, address, port: port.port))
        case .loadBalancer:
          let address = Address.external(family, 100 + service.number)
          try await cluster.check(item, Request(port.transport, address, port: port.port))
        }
      }
    }
  }

  struct InternalCase: Sendable, CustomTestStringConvertible {
    var reason: String
    var policy: TrafficPolicy
    var client: String
    var endpoints: Set<String>
    var source: Source

    var testDescription: String { reason }
  }

  static let internalCases: [InternalCase] = [
    .init(
      reason: "Cluster: a pod reaches all, and is seen", policy: .cluster, client: "c2", endpoints: ["s0", "s1", "s2"],
      source: .client),
    .init(
      reason: "Cluster: a node is masqueraded", policy: .cluster, client: "kind-worker2",
      endpoints: ["s0", "s1", "s2"], source: .node),
    .init(
      reason: "Local: a pod reaches its node's endpoints", policy: .local, client: "c1", endpoints: ["s1", "s2"],
      source: .client),
    .init(
      reason: "Local: a node its own", policy: .local, client: "kind-control-plane", endpoints: ["s0"], source: .node),
    .init(reason: "Local: dropped where there is none", policy: .local, client: "c2", endpoints: [], source: .client),
  ]

  @Test(arguments: Backend.allCases, internalCases)
  func `internalTrafficPolicy`(_ backend: Backend, _ item: InternalCase) async throws {
    let cluster = try await Cluster.shared(backend)
    let service = PolicyServices.internal(item.policy, cluster.lab)
    let expectation = Case(
      reason: item.reason, policy: item.policy, client: item.client, way: .external, endpoints: item.endpoints,
      source: item.source)
    for family in IPFamily.allCases {
      for port in service.ports {
        try await cluster.check(expectation, Request(port.transport, service.clusterIP(family), port: port.port))
      }
    }
  }
}

/// A Service for each value of each policy. Each has its own addresses and ports. If two tests used the same, and the
/// same client port, the kernel would use the old conntrack entry for the second UDP flow.
private enum PolicyServices {
  @Sendable static func all(_ lab: Lab) -> [ServiceObject] {
    [TrafficPolicy.cluster, .local].flatMap { [external($0, lab), `internal`($0, lab)] }
  }

  static func external(_ policy: TrafficPolicy, _ lab: Lab) -> ServiceObject {
    var service = service("policy-\(policy.rawValue.lowercased())", policy == .cluster ? 20 : 21, lab)
    let number = service.number
    service.type = .loadBalancer
    service.externalTrafficPolicy = policy
    for index in service.ports.indices { service.ports[index].nodePort = UInt16(30000 + number) }
    if policy == .local { service.healthCheckNodePort = 32020 }
    service.externalIPs = IPFamily.allCases.map { Address.external($0, number) }
    service.ingressIPs = IPFamily.allCases.map { Address.external($0, 100 + number) }
    return service
  }

  static func `internal`(_ policy: TrafficPolicy, _ lab: Lab) -> ServiceObject {
    var service = service("internal-\(policy.rawValue.lowercased())", policy == .cluster ? 22 : 23, lab)
    service.internalTrafficPolicy = policy
    return service
  }

  private static func service(_ name: String, _ number: Int, _ lab: Lab) -> ServiceObject {
    ServiceObject(
      name, number, ports: ServiceTrafficTests.ports, endpoints: ["s0", "s1", "s2"].map { .init(lab.pod($0)) })
  }
}

extension Cluster {
  fileprivate func check(_ item: TrafficPolicyTests.Case, _ request: Request) async throws {
    let client = host(item.client)
    let family = request.destination.address.family
    var request = request
    if item.endpoints.isEmpty { request.timeout = 300 }
    let outcomes = try await client.ask(request, times: item.endpoints.isEmpty ? 1 : 40)
    guard !item.endpoints.isEmpty else {
      #expect(outcomes == [.silent], "\(request.transport) \(request.destination)")
      return
    }
    // Each request was answered, so nil is not among the endpoints.
    #expect(
      Set(outcomes.map(\.endpoint)) == Set(item.endpoints.map(Optional.some)),
      "\(request.transport) \(request.destination)")
    let translator = translator(item)
    for answer in outcomes.compactMap(\.answer) {
      switch item.source {
      case .client: #expect(answer.client.address == client.addresses[family], "\(request.transport): \(answer)")
      case .node:
        // The kernel masquerades with the address of the interface through which the packet leaves.
        let isLocal = lab.pod(answer.endpoint).node == translator.name
        let address = isLocal ? translator.gateway(family) : translator.addresses[family]
        #expect(answer.client.address == address, "\(request.transport): \(answer)")
      }
    }
  }

  /// The node whose rules translate the connection.
  private func translator(_ item: TrafficPolicyTests.Case) -> LabNode {
    if case .node(let name) = item.way { return lab.node(name) }
    // The outsider's route to the cluster.
    if item.client == lab.outsider.name { return lab.node("kind-worker") }
    return lab.nodes.first { $0.name == item.client } ?? lab.node(lab.pod(item.client).node)
  }

  func host(_ name: String) -> any LabHost {
    if name == lab.outsider.name { return lab.outsider }
    if let node = lab.nodes.first(where: { $0.name == name }) { return node }
    return lab.pod(name)
  }
}
