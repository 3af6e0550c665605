import ServiceModel
import Testing

@testable import Conntrack

@Suite(.timeLimit(.minutes(5))) struct ServiceFlowsTests {
  static let ready: Endpoint.Conditions = [.ready, .serving]

  struct Conditions: Sendable, CustomTestStringConvertible {
    let why: String
    let conditions: Endpoint.Conditions
    let udp: Bool
    let tcp: Bool
    var testDescription: String { why }
  }

  @Test(arguments: [
    Conditions(why: "ready", conditions: [.ready, .serving], udp: true, tcp: true),
    Conditions(why: "terminating, still serving", conditions: [.serving, .terminating], udp: true, tcp: true),
    Conditions(why: "not ready", conditions: [], udp: false, tcp: true),
    Conditions(why: "terminating, not serving", conditions: [.terminating], udp: false, tcp: true),
  ])
  func `which endpoints flows may go to`(_ test: Conditions) {
    let slice = slice([Endpoint(address: endpoint1.address, conditions: test.conditions)])
    for (transport, expected) in [(TransportProtocol.udp, test.udp), (.tcp, test.tcp), (.sctp, test.tcp)] {
      let port = service().ports.first { $0.name.transport == transport }!
      let made = ServicePortFlows(port, of: service(), family: .ipv4, endpoints: EndpointMerge([slice]))
      #expect(made.endpoints == (expected ? [endpoint1] : []), "\(transport)")
    }
  }

  @Test func `a Service gives its addresses of one family`() {
    var flows = ServiceFlows(family: .ipv6)
    flows.set(service(), slices: [slice([Endpoint(address: endpoint1.address)])])
    #expect(flows.services[name("dns")]?.map(\.addresses) == [[address("fd00::10")], [address("fd00::10")]])
    #expect(flows.services[name("dns")]?.map(\.endpoints) == [[], []], "the slice is of the other family")
    #expect(flows.services[name("dns")]?.map(\.transport) == [.udp, .sctp])
  }

  @Test func `only changes of followed ports call for a sweep`() {
    var flows = ServiceFlows(family: .ipv4)
    let changes = [
      flows.set(name("dns"), ports: [dns(endpoint1)]),
      flows.set(name("dns"), ports: [dns(endpoint1)]),
      flows.set(name("web"), ports: [dns(endpoint1, transport: .tcp)]),
      flows.remove(name("web")),
      flows.set(name("dns"), ports: [dns(endpoint2)]),
      flows.remove(name("dns")),
    ]
    #expect(changes == [true, false, false, false, true, true])
  }

  @Test func `flows of a deleted Service are stale once`() {
    var state = flows(dns(endpoint1))
    state.remove(name("dns"))
    let sweep = FlowIndex(state.takeSweep())
    #expect(sweep.verdict(flow(clusterIP, to: endpoint1)) == .staleEndpoint)
    #expect(sweep.verdict(flow(SocketAddress(node, port: 30053), to: endpoint1)) == .staleEndpoint)
    #expect(sweep.verdict(flow(clusterIP)) == .keep, "never translated: not ours")
    #expect(state.isEmpty)
    #expect(FlowIndex(state).verdict(flow(clusterIP, to: endpoint1)) == .keep, "no longer known to be ours")
  }

  @Test func `flows to an address that moved to another Service are judged by that Service's endpoints`() {
    var state = flows(dns(endpoint1))
    state.remove(name("dns"))
    state.set(name("other"), ports: [dns(endpoint2)])
    let sweep = FlowIndex(state.takeSweep())
    #expect(sweep.verdict(flow(clusterIP, to: endpoint2)) == .keep)
    #expect(sweep.verdict(flow(clusterIP, to: endpoint1)) == .staleEndpoint)
  }

  @Test func `flows to a removed node port are stale`() {
    var state = flows(dns(endpoint1))
    state.set(
      name("dns"),
      ports: [ServicePortFlows(transport: .udp, port: 53, addresses: [clusterIP.address], endpoints: [endpoint1])])
    let sweep = FlowIndex(state)
    #expect(sweep.verdict(flow(SocketAddress(node, port: 30053), to: endpoint1)) == .staleEndpoint)
    #expect(sweep.verdict(flow(clusterIP, to: endpoint1)) == .keep)
  }

  private func service() -> Service {
    let ports = [TransportProtocol.udp, .tcp, .sctp].map {
      Service.Port(
        name: ServicePortName(service: name("dns"), port: "dns", transport: $0)!, port: 53, nodePort: nil)
    }
    return Service(name: name("dns"), clusterIPs: [clusterIP.address, address("fd00::10")], ports: ports)
  }

  private func slice(_ endpoints: [Endpoint]) -> EndpointSlice {
    let ports = [TransportProtocol.udp, .tcp, .sctp].map {
      EndpointSlice.Port(name: "dns", transport: $0, port: 5353)
    }
    return EndpointSlice(
      name: name("dns-x"), service: name("dns"), family: .ipv4,
      ports: ports + [EndpointSlice.Port(name: "metrics", transport: .udp, port: 9153)], endpoints: endpoints)
  }
}
