import ServiceModel

/// The rules for objects of the API, which hold for those of a file too: the planner relies on them.
extension StateInput {
  func check(_ service: Service) throws(StateFileError) {
    let name = service.name
    guard !service.clusterIPs.isEmpty else { throw malformed("Service \(name) has no cluster IP") }
    for address in service.externalIPs {
      if let kind = address.specialKind { throw malformed("external IP \(address) of Service \(name) is \(kind)") }
    }
    for addresses in [service.externalIPs, service.loadBalancerIPs] where Set(addresses).count < addresses.count {
      throw malformed("Service \(name) has an address twice")
    }
    try checkPorts(of: service)
    let isExternal = service.type != .clusterIP || !service.externalIPs.isEmpty
    guard isExternal || service.externalTrafficPolicy == .cluster else {
      throw malformed("Service \(name) has an external traffic policy and no external traffic")
    }
    let canHaveHealthPort = service.type == .loadBalancer && service.externalTrafficPolicy == .local
    guard canHaveHealthPort || service.healthCheckNodePort == nil else {
      throw malformed("Service \(name) cannot have a health check node port")
    }
  }

  private struct Number: Hashable {
    let transport: TransportProtocol
    let number: UInt16
  }

  private func checkPorts(of service: Service) throws(StateFileError) {
    let ports = service.ports
    let nodePorts = ports.compactMap { port in
      port.nodePort.map { Number(transport: port.name.transport, number: $0) }
    }
    let numbers = ports.map { Number(transport: $0.name.transport, number: $0.port) }
    guard Set(ports.map(\.name.port)).count == ports.count, Set(numbers).count == ports.count,
      Set(nodePorts).count == nodePorts.count
    else { throw malformed("Service \(service.name) has a port twice") }
    guard service.type != .clusterIP || nodePorts.isEmpty else {
      throw malformed("Service \(service.name) of type ClusterIP has a node port")
    }
  }

  func check(_ endpoint: Endpoint) throws(StateFileError) {
    if let kind = endpoint.address.specialKind { throw malformed("endpoint \(endpoint.address) is \(kind)") }
    if let node = endpoint.nodeName, !NameRule.isSubdomain(node) {
      throw malformed("\(node.quoted) is not a valid Node name")
    }
    for hint in endpoint.zoneHints + endpoint.nodeHints where !NameRule.isHint(hint) {
      throw malformed("\(hint.quoted) is not a valid hint")
    }
  }

  func check(_ node: Node) throws(StateFileError) {
    guard NameRule.isSubdomain(node.name) else { throw malformed("\(node.name.quoted) is not a valid Node name") }
    for text in [node.zone ?? "", node.uid] where !NameRule.isLabelValue(text) {
      throw malformed("\(text.quoted) is not a valid label value")
    }
  }

  /// An IPv4 address in IPv6 form (`::ffff:127.0.0.1`) is an IPv4 address to the kernel. The API's reader makes it one,
  /// so no object has it.
  func unmapped(_ address: IPAddress) throws(StateFileError) -> IPAddress {
    guard address.bits >> 32 != 0xffff else { throw malformed("\(address) is an IPv4 address in IPv6 form") }
    return address
  }
}
