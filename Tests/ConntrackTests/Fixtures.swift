import ServiceModel

@testable import Conntrack

// Clients are 10.10.1.x, endpoints 10.10.2.x:5353, the node is 172.18.0.3, cluster IPs are 10.200.1.x:53,
// external and load-balancer IPs 192.0.2.x:53, node ports 30053. IPv6 the same below fd00:.

func address(_ text: String) -> IPAddress { IPAddress(text)! }
func socket(_ text: String, _ port: UInt16) -> SocketAddress { SocketAddress(address(text), port: port) }
func name(_ text: String) -> NamespacedName { NamespacedName(namespace: "lab", name: text)! }

let client = socket("10.10.1.7", 40000)
let endpoint1 = socket("10.10.2.1", 5353)
let endpoint2 = socket("10.10.2.2", 5353)
let endpoint3 = socket("10.10.2.3", 5353)
let clusterIP = socket("10.200.1.10", 53)
let node = address("172.18.0.3")

/// A flow from `client`; without `to` it was not translated.
func flow(_ destination: SocketAddress, to endpoint: SocketAddress? = nil, _ transport: TransportProtocol = .udp)
  -> Flow
{
  Flow(
    transport: transport, source: client, destination: destination, replySource: endpoint ?? destination,
    replyDestination: client)
}

/// Port 53 of a DNS-like Service with everything it can have.
func dns(_ endpoints: SocketAddress..., transport: TransportProtocol = .udp) -> ServicePortFlows {
  ServicePortFlows(
    transport: transport, port: 53, nodePort: 30053,
    addresses: [clusterIP.address, address("192.0.2.1"), address("192.0.2.2")], endpoints: endpoints)
}

/// Flows of a family with one Service, `lab/dns`.
func flows(_ ports: ServicePortFlows..., flushTCP: Bool = false) -> ServiceFlows {
  var flows = ServiceFlows(family: .ipv4, nodePortAddresses: [node], flushTCP: flushTCP)
  flows.set(name("dns"), ports: ports)
  return flows
}
