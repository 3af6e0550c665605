import ServiceModel
import Testing

@testable import Conntrack

@Suite(.timeLimit(.minutes(5))) struct VerdictTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let why: String
    let flow: Flow
    let endpoints: [SocketAddress]
    let verdict: FlowVerdict
    var testDescription: String { why }
  }

  static let udp: [Case] = [
    Case(why: "its endpoint is there", flow: flow(clusterIP, to: endpoint1), endpoints: [endpoint1], verdict: .keep),
    Case(
      why: "one of several endpoints", flow: flow(clusterIP, to: endpoint2), endpoints: [endpoint1, endpoint2],
      verdict: .keep),
    Case(
      why: "its endpoint was replaced", flow: flow(clusterIP, to: endpoint1), endpoints: [endpoint2],
      verdict: .staleEndpoint),
    Case(
      why: "the pod is the same, its port is another", flow: flow(clusterIP, to: endpoint1),
      endpoints: [SocketAddress(endpoint1.address, port: 53)], verdict: .staleEndpoint),
    Case(why: "N to 0 endpoints", flow: flow(clusterIP, to: endpoint1), endpoints: [], verdict: .staleEndpoint),
    Case(why: "0 to N endpoints", flow: flow(clusterIP), endpoints: [endpoint1], verdict: .untranslated),
    Case(why: "untranslated and still no endpoint", flow: flow(clusterIP), endpoints: [], verdict: .keep),
    Case(
      why: "external IP", flow: flow(socket("192.0.2.1", 53), to: endpoint1), endpoints: [endpoint2],
      verdict: .staleEndpoint),
    Case(
      why: "load-balancer IP", flow: flow(socket("192.0.2.2", 53)), endpoints: [endpoint2], verdict: .untranslated),
    Case(
      why: "node port", flow: flow(SocketAddress(node, port: 30053), to: endpoint1), endpoints: [endpoint2],
      verdict: .staleEndpoint),
    Case(
      why: "node port, never translated", flow: flow(SocketAddress(node, port: 30053)), endpoints: [endpoint2],
      verdict: .untranslated),
    Case(
      why: "the node port's number at somebody else's address", flow: flow(socket("198.51.100.1", 30053)),
      endpoints: [endpoint2], verdict: .keep),
    Case(
      why: "another port of the cluster IP", flow: flow(SocketAddress(clusterIP.address, port: 54)),
      endpoints: [endpoint2], verdict: .keep),
    Case(
      why: "the Service's port at somebody else's address, as in k/k#130170", flow: flow(socket("172.18.0.4", 53)),
      endpoints: [endpoint2], verdict: .keep),
    Case(
      why: "straight to an endpoint, past the Service", flow: flow(endpoint1), endpoints: [endpoint2], verdict: .keep),
    Case(
      why: "VXLAN between nodes", flow: flow(SocketAddress(node, port: 8472)), endpoints: [endpoint1], verdict: .keep),
    Case(
      why: "TCP on the same address and port", flow: flow(clusterIP, to: endpoint1, .tcp), endpoints: [endpoint2],
      verdict: .keep),
    Case(
      why: "an endpoint that has the load balancer's own address", flow: flow(socket("192.0.2.2", 53)),
      endpoints: [socket("192.0.2.2", 53)], verdict: .keep),
  ]

  @Test(arguments: udp) func `UDP flow`(_ test: Case) {
    let port = ServicePortFlows(
      transport: .udp, port: 53, nodePort: 30053,
      addresses: [clusterIP.address, address("192.0.2.1"), address("192.0.2.2")], endpoints: test.endpoints)
    #expect(FlowIndex(flows(port)).verdict(test.flow) == test.verdict)
  }

  @Test func `flows of other zones are ignored`() {
    var foreign = flow(clusterIP, to: endpoint1)
    let index = FlowIndex(flows(dns(endpoint2)))
    #expect(index.verdict(foreign) == .staleEndpoint)
    foreign.zone = 7
    #expect(index.verdict(foreign) == .keep)
  }

  static let tcp: [Case] = [
    Case(
      why: "a removed endpoint", flow: flow(clusterIP, to: endpoint1, .tcp), endpoints: [endpoint2],
      verdict: .staleEndpoint),
    Case(
      why: "an endpoint that is there", flow: flow(clusterIP, to: endpoint2, .tcp), endpoints: [endpoint2],
      verdict: .keep),
    Case(
      why: "never translated, so not ours", flow: flow(clusterIP, to: nil, .tcp), endpoints: [endpoint2], verdict: .keep
    ),
  ]

  @Test(arguments: tcp) func `TCP flows are examined only on request`(_ test: Case) {
    let port = ServicePortFlows(
      transport: .tcp, port: 53, addresses: [clusterIP.address], endpoints: test.endpoints)
    #expect(FlowIndex(flows(port, flushTCP: true)).verdict(test.flow) == test.verdict)
    #expect(FlowIndex(flows(port)).verdict(test.flow) == .keep)
  }

  @Test func `a flow may go to any Service that claims its address`() {
    var both = flows(dns(endpoint1))
    both.set(name("twin"), ports: [dns(endpoint2)])
    let index = FlowIndex(both)
    #expect(index.verdict(flow(clusterIP, to: endpoint1)) == .keep)
    #expect(index.verdict(flow(clusterIP, to: endpoint2)) == .keep)
    #expect(index.verdict(flow(clusterIP, to: socket("10.10.2.3", 5353))) == .staleEndpoint)
  }
}
