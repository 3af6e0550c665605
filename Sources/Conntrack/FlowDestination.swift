import ServiceModel

/// A destination of packets for a Service: one of the Service's addresses with a port, or a node port.
struct FlowDestination: Hashable, Sendable {
  let transport: TransportProtocol
  let port: UInt16
  /// nil for a node port, which is open on all node port addresses.
  let address: IPAddress?
}
