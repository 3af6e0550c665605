import ServiceModel

/// What the conntrack clean-up needs to know about one port of a Service in one family.
package struct ServicePortFlows: Hashable, Sendable {
  package let transport: TransportProtocol
  /// The port on each of `addresses`.
  package let port: UInt16
  package let nodePort: UInt16?
  /// Cluster IP, external IPs and load-balancer IPs.
  package let addresses: [IPAddress]
  /// Endpoints that flows may go to, sorted.
  package let endpoints: [SocketAddress]

  package init(
    transport: TransportProtocol, port: UInt16, nodePort: UInt16? = nil, addresses: [IPAddress],
    endpoints: some Sequence<SocketAddress>
  ) {
    self.transport = transport
    self.port = port
    self.nodePort = nodePort
    self.addresses = addresses
    self.endpoints = Set(endpoints).sorted()
  }

  /// A Service's port with its endpoints.
  ///
  /// A UDP flow may go to any serving endpoint. Traffic policies, topology hints and the terminating condition are
  /// ignored, so they never cut a flow that is in use. kube-proxy does the same. A TCP or SCTP flow may continue until
  /// its endpoint is removed.
  init(_ port: Service.Port, of service: Service, family: IPFamily, endpoints merge: EndpointMerge) {
    let transport = port.name.transport
    let all = merge.endpoints(port: port.name.port, transport: transport)
    let endpoints = transport == .udp ? all.filter(\.value.isServing) : all
    let addresses = service.clusterIPs + service.externalIPs + service.loadBalancerIPs
    self.init(
      transport: transport, port: port.port, nodePort: port.nodePort,
      addresses: addresses.filter { $0.family == family }, endpoints: endpoints.keys)
  }

  var destinations: [FlowDestination] {
    let node = nodePort.map { FlowDestination(transport: transport, port: $0, address: nil) }
    return addresses.map { FlowDestination(transport: transport, port: port, address: $0) } + (node.map { [$0] } ?? [])
  }
}
