import ServiceModel

@testable import Conntrack
@testable import Lab

/// A sandbox with the SCTP port of a Service. Its two endpoints answer with "one" and "two".
struct SCTPSite: Sendable {
  struct Host: LabHost {
    let name: String
    let namespace: NetworkNamespace
    let addresses: Addresses
  }

  let sandbox: Sandbox
  let net: SandboxNet
  let client: Host
  /// The Service's address, and its endpoints'.
  let service, first, second: SocketAddress

  /// Makes the sandbox; the Service leads to the first endpoint.
  static func run(
    _ label: String, _ net: SandboxNet, _ body: @escaping @Sendable (SCTPSite) async throws -> Void
  ) async throws {
    try await Sandbox.run(label) { sandbox in
      let site = SCTPSite(sandbox, net)
      // conntrack forgets an association whose handshake is not complete after 3 s. A busy machine may need longer.
      try await sandbox.namespace.setSysctls(["netfilter/nf_conntrack_sctp_timeout_cookie_wait": "600"])
      let responder = try Responder()
      defer { responder.close() }
      try await responder.serve(site.host("one", \.endpoint1), .sctp, port: site.first.port)
      try await responder.serve(site.host("two", \.endpoint2), .sctp, port: site.second.port)
      try await sandbox.program(site.service, to: site.first, .sctp)
      try await body(site)
    }
  }

  private init(_ sandbox: Sandbox, _ net: SandboxNet) {
    self.sandbox = sandbox
    self.net = net
    client = SCTPSite.host("client", sandbox, \.client)
    service = SocketAddress(net.service.address, port: 3868)
    first = SocketAddress(net.endpoint1.address, port: 13868)
    second = SocketAddress(net.endpoint2.address, port: 13868)
  }

  private static func host(
    _ name: String, _ sandbox: Sandbox, _ address: KeyPath<SandboxNet, SocketAddress>
  ) -> Host {
    let addresses = Addresses { family in SandboxNet.all.first { $0.family == family }![keyPath: address].address }
    return Host(name: name, namespace: sandbox.namespace, addresses: addresses)
  }

  private func host(_ name: String, _ address: KeyPath<SandboxNet, SocketAddress>) -> Host {
    SCTPSite.host(name, sandbox, address)
  }

  func request(port: UInt16, to destination: SocketAddress) -> Request {
    Request(
      .sctp, destination.address, port: destination.port, source: SocketAddress(net.client.address, port: port))
  }

  func connect(port: UInt16, to destination: SocketAddress) async throws -> LongConnection {
    try await LongConnection.open(request(port: port, to: destination), from: client)
  }

  func flows() async throws -> [Flow] { try await sandbox.flows(net.family, .sctp) }

  /// Sweeps with these conditions of the first endpoint; nil: it is gone.
  func sweep(first conditions: Endpoint.Conditions?) async -> ReconcileResult? {
    var flows = ServiceFlows(family: net.family)
    flows.set(object, slices: [slice(first: conditions)])
    return await sandbox.reconcile(flows)
  }

  var object: Service {
    let port = ServicePortName(service: name("diameter"), port: "", transport: .sctp)!
    return Service(
      name: name("diameter"), clusterIPs: [service.address], ports: [Service.Port(name: port, port: service.port)])
  }

  func slice(first conditions: Endpoint.Conditions?) -> EndpointSlice {
    EndpointSlice(
      name: name("diameter-1"), service: name("diameter"), family: net.family,
      ports: [EndpointSlice.Port(name: "", transport: .sctp, port: first.port)],
      endpoints: (conditions.map { [Endpoint(address: first.address, conditions: $0)] } ?? [])
        + [Endpoint(address: second.address)])
  }
}
