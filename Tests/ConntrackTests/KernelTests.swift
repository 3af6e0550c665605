import Lab
import ServiceModel
import Testing

@testable import Conntrack

/// The addresses of one family in the sandbox.
struct SandboxNet: Sendable, CustomTestStringConvertible {
  let family: IPFamily
  let client, endpoint1, endpoint2, service: SocketAddress
  var testDescription: String { family.rawValue }

  static let all = [
    SandboxNet(
      family: .ipv4, client: socket("10.10.1.7", 40000), endpoint1: socket("10.10.2.1", 5353),
      endpoint2: socket("10.10.2.2", 5353), service: socket("10.200.1.10", 53)),
    SandboxNet(
      family: .ipv6, client: socket("fd00:10:1::7", 40000), endpoint1: socket("fd00:10:2::1", 5353),
      endpoint2: socket("fd00:10:2::2", 5353), service: socket("fd00:10:200::a", 53)),
  ]

  /// The Service's flows with these endpoints, as a daemon that has just started knows them.
  func flows(_ endpoints: SocketAddress...) -> ServiceFlows {
    var flows = ServiceFlows(family: family)
    flows.set(
      name("dns"),
      ports: [
        ServicePortFlows(transport: .udp, port: 53, addresses: [service.address], endpoints: endpoints)
      ])
    return flows
  }

  func exchange(in sandbox: Sandbox) async throws -> Exchange {
    try await sandbox.namespace.run {
      try Exchange(client: client, to: service, endpoints: [endpoint1, endpoint2])
    }
  }
}

@Suite(.enabled(if: Sandbox.isPossible, "needs root and network namespaces"), .timeLimit(.minutes(10)))
struct ConntrackKernelTests {
  @Test(arguments: SandboxNet.all) func `endpoint replaced while the client keeps its port`(_ net: SandboxNet)
    async throws
  {
    try await Sandbox.run("replace") { sandbox in
      let exchange = try await net.exchange(in: sandbox)
      try await sandbox.program(net.service, to: net.endpoint1)
      #expect(try await sandbox.namespace.run { exchange.send() } == .received(0))
      try await sandbox.program(net.service, to: net.endpoint2)
      #expect(try await sandbox.namespace.run { exchange.send() } == .received(0), "the kernel remembers the old one")
      let result = await sandbox.reconcile(net.flows(net.endpoint2))
      #expect(result?.error == nil)
      #expect(result?.report == SweepReport(examined: 1, deleted: 1))
      #expect(try await sandbox.namespace.run { exchange.send() } == .received(1))
      let again = await sandbox.reconcile(net.flows(net.endpoint2))
      #expect(again?.report == SweepReport(examined: 1, deleted: 0))
    }
  }

  @Test(arguments: SandboxNet.all) func `from endpoints to none`(_ net: SandboxNet) async throws {
    try await Sandbox.run("tonone") { sandbox in
      let exchange = try await net.exchange(in: sandbox)
      try await sandbox.program(net.service, to: net.endpoint1)
      #expect(try await sandbox.namespace.run { exchange.send() } == .received(0))
      try await sandbox.program(net.service, to: nil)
      let result = await sandbox.reconcile(net.flows())
      #expect(result?.report.deleted == 1)
      #expect(try await sandbox.namespace.run { exchange.send() } == .refused)
    }
  }

  @Test(arguments: SandboxNet.all) func `from none to endpoints`(_ net: SandboxNet) async throws {
    try await Sandbox.run("fromnone") { sandbox in
      let exchange = try await net.exchange(in: sandbox)
      // No rule translates or refuses the flow yet, so its packets get no answer and its entry stays in the table.
      _ = try await sandbox.namespace.run { exchange.sendOnly() }
      let before = try await sandbox.flows(net.family)
      #expect(before.map(\.destination) == [net.service])
      #expect(before.map(\.replySource) == [net.service])
      #expect(await sandbox.reconcile(net.flows())?.report.deleted == 0, "without endpoints nothing is gained")
      try await sandbox.program(net.service, to: net.endpoint1)
      #expect(await sandbox.reconcile(net.flows(net.endpoint1))?.report.deleted == 1)
      #expect(try await sandbox.namespace.run { exchange.send() } == .received(0))
      #expect(try await sandbox.flows(net.family).map(\.replySource) == [net.endpoint1])
    }
  }

  @Test(arguments: SandboxNet.all) func `an endpoint that is not ready any more`(_ net: SandboxNet) async throws {
    try await Sandbox.run("unready") { sandbox in
      let exchange = try await net.exchange(in: sandbox)
      try await sandbox.program(net.service, to: net.endpoint1)
      #expect(try await sandbox.namespace.run { exchange.send() } == .received(0))
      var flows = ServiceFlows(family: net.family)
      flows.set(net.serviceObject, slices: [net.slice(first: [.ready, .serving])])
      #expect(await sandbox.reconcile(flows.takeSweep())?.report.deleted == 0)
      let isChanged = flows.set(net.serviceObject, slices: [net.slice(first: [])])
      #expect(isChanged)
      try await sandbox.program(net.service, to: net.endpoint2)
      #expect(await sandbox.reconcile(flows.takeSweep())?.report.deleted == 1)
      #expect(try await sandbox.namespace.run { exchange.send() } == .received(1))
    }
  }

  @Test(arguments: SandboxNet.all) func `a deleted Service`(_ net: SandboxNet) async throws {
    try await Sandbox.run("deleted") { sandbox in
      let exchange = try await net.exchange(in: sandbox)
      try await sandbox.program(net.service, to: net.endpoint1)
      #expect(try await sandbox.namespace.run { exchange.send() } == .received(0))
      var flows = net.flows(net.endpoint1)
      flows.remove(name("dns"))
      #expect(await sandbox.reconcile(flows.takeSweep())?.report.deleted == 1)
      #expect(try await sandbox.flows(net.family).isEmpty)
    }
  }
}

extension SandboxNet {
  fileprivate var serviceObject: Service {
    let port = ServicePortName(service: name("dns"), port: "", transport: .udp)!
    return Service(
      name: name("dns"), clusterIPs: [service.address], ports: [Service.Port(name: port, port: service.port)])
  }

  /// Both endpoints; the second is always ready.
  fileprivate func slice(first conditions: Endpoint.Conditions) -> EndpointSlice {
    EndpointSlice(
      name: name("dns-1"), service: name("dns"), family: family,
      ports: [EndpointSlice.Port(name: "", transport: .udp, port: 5353)],
      endpoints: [
        Endpoint(address: endpoint1.address, conditions: conditions), Endpoint(address: endpoint2.address),
      ])
  }
}
