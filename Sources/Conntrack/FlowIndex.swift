import ServiceModel

/// Looks up the verdict for a flow. It is built from `ServiceFlows` for one sweep and dropped after it.
struct FlowIndex: Sendable {
  private let nodePortAddresses: Set<IPAddress>
  private let endpoints: [FlowDestination: [SocketAddress]]
  private let departed: Set<FlowDestination>

  init(_ flows: ServiceFlows) {
    var endpoints: [FlowDestination: [SocketAddress]] = [:]
    var shared: Set<FlowDestination> = []
    for port in flows.services.values.joined() {
      for destination in port.destinations {
        // Several Services may claim the same external IP and port. It does not matter here which of them the rules
        // prefer: a flow to an endpoint of any of them is kept.
        if endpoints[destination] == nil {
          endpoints[destination] = port.endpoints
        } else {
          endpoints[destination]?.append(contentsOf: port.endpoints)
          shared.insert(destination)
        }
      }
    }
    for destination in shared { endpoints[destination] = Set(endpoints[destination] ?? []).sorted() }
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

  /// Whether the flow goes to a current endpoint of its Service.
  func leads(_ flow: Flow) -> Bool {
    [flow.destination.address, nil].contains { address in
      endpoints[FlowDestination(transport: flow.transport, port: flow.destination.port, address: address)]?
        .contains(sorted: flow.replySource) ?? false
    }
  }

  /// nil if the destination does not belong to a Service.
  private func verdict(_ flow: Flow, at destination: FlowDestination) -> FlowVerdict? {
    let isTranslated = flow.replySource != flow.destination
    guard let valid = endpoints[destination] else {
      guard departed.contains(destination) else { return nil }
      return isTranslated ? .staleEndpoint : .keep
    }
    // This check comes first because an endpoint can have the same address as the Service, for example when the load
    // balancer's address is the node's own.
    if valid.contains(sorted: flow.replySource) { return .keep }
    if isTranslated { return .staleEndpoint }
    // Without endpoints, the filter table rejects or drops the traffic. A TCP connection that was never translated does
    // not belong to a Service.
    return valid.isEmpty || flow.transport == .tcp ? .keep : .untranslated
  }
}

extension [SocketAddress] {
  /// Whether a sorted array holds `address`.
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
