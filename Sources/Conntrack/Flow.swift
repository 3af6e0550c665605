import ServiceModel

/// One entry of the connection tracking table: a flow as its client sent it, and as replies to it come back.
public struct Flow: Hashable, Sendable {
  public var transport: TransportProtocol
  /// Source of the first packet.
  public var source: SocketAddress
  /// Destination of the first packet, before any translation.
  public var destination: SocketAddress
  /// Where replies come from: the endpoint, if the destination was translated, else `destination`.
  public var replySource: SocketAddress
  /// Where replies go to: `source`, or what it was masqueraded to.
  public var replyDestination: SocketAddress
  /// Conntrack zone; 0 unless a `CT --zone` rule says otherwise. Flows of Services are in zone 0.
  public var zone: UInt16
  /// The kernel's id of the entry, so that a deletion cannot hit a newer entry with the same addresses.
  public var id: UInt32

  public init(
    transport: TransportProtocol, source: SocketAddress, destination: SocketAddress, replySource: SocketAddress,
    replyDestination: SocketAddress, zone: UInt16 = 0, id: UInt32 = 0
  ) {
    self.transport = transport
    self.source = source
    self.destination = destination
    self.replySource = replySource
    self.replyDestination = replyDestination
    self.zone = zone
    self.id = id
  }
}

/// What is to be done with a flow, and why.
public enum FlowVerdict: Hashable, Sendable {
  case keep
  /// It goes to an endpoint that its Service has no more, or to a Service that is gone.
  case staleEndpoint
  /// It was never translated, as there was no endpoint when it began; now there is one.
  case untranslated

  public var isStale: Bool { self != .keep }
}
