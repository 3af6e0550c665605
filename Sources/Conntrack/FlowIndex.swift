import ServiceModel

/// Looks up what is to be done with a flow. Made for one sweep out of `ServiceFlows`, and dropped after it.
struct FlowIndex: Sendable {
  private let nodePortAddresses: Set<IPAddress>
  private let endpoints: [FlowDestination: [SocketAddress]]
  private let departed: Set<FlowDestination>

  init(_ flows: ServiceFlows) {
    var endpoints: [FlowDestination: [SocketAddress]] = [:]
    for port in flows.services.values.joined() {
      for destination in port.destinations {
        // Several Services may claim one external IP and port. Which of them the rules favour does not matter here:
        // a flow to an endpoint of any of them is left alone.
        if let others = endpoints[destination] {
          endpoints[destination] = Set(others).union(port.endpoints).sorted()
        } else {
          endpoints[destination] = port.endpoints
        }
      }
    }
    self.endpoints = endpoints
    nodePortAddresses = flows.nodePortAddresses
    departed = flows.departed.filter { endpoints[$0] == nil }
  }

  func verdict(_ flow: Flow) -> FlowVerdict {
    guard flow.zone == 0 else { return .keep }
    let destination = FlowDestination(
      transport: flow.transport, port: flow.destination.port, address: flow.destination.address)
    if let verdict = verdict(flow, at: destination) { return verdict }
    guard nodePortAddresses.contains(flow.destination.address) else { return .keep }
    let nodePort = FlowDestination(transport: flow.transport, port: flow.destination.port, address: nil)
    return verdict(flow, at: nodePort) ?? .keep
  }

  /// Whether the flow goes to an endpoint that its Service has.
  func leads(_ flow: Flow) -> Bool {
    [flow.destination.address, nil].contains { address in
      endpoints[FlowDestination(transport: flow.transport, port: flow.destination.port, address: address)]?
        .contains(sorted: flow.replySource) ?? false
    }
  }

  /// nil if the destination is none of a Service's.
  private func verdict(_ flow: Flow, at destination: FlowDestination) -> FlowVerdict? {
    let isTranslated = flow.replySource != flow.destination
    guard let valid = endpoints[destination] else {
      guard departed.contains(destination) else { return nil }
      return isTranslated ? .staleEndpoint : .keep
    }
    // First, as an endpoint can have the Service's very address: a node that is the load balancer's, for one.
    if valid.contains(sorted: flow.replySource) { return .keep }
    if isTranslated { return .staleEndpoint }
    // Without endpoints the filter table answers. A TCP connection that was never translated is somebody else's.
    return valid.isEmpty || flow.transport == .tcp ? .keep : .untranslated
  }
}

extension [SocketAddress] {
  /// Whether an ordered array holds `address`.
  fileprivate func contains(sorted address: SocketAddress) -> Bool {
    var range = startIndex..<endIndex
    while !range.isEmpty {
      let middle = range.lowerBound + range.count / 2
      if self[middle] == address { return true }
      range = self[middle] < address ? middle + 1..<range.upperBound : range.lowerBound..<middle
    }
    return false
  }
}
