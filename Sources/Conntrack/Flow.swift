import ServiceModel

/// One entry of the connection tracking table: the flow in its original direction and in the reply direction.
package struct Flow: Hashable, Sendable {
  package var transport: TransportProtocol
  /// Source of the first packet.
  package var source: SocketAddress
  /// Destination of the first packet, before any translation.
  package var destination: SocketAddress
  /// Source of the replies: the endpoint if the destination was translated, otherwise `destination`.
  package var replySource: SocketAddress
  /// Destination of the replies: `source`, or the address that `source` was masqueraded to.
  package var replyDestination: SocketAddress
  /// Conntrack zone, also of one direction alone (`CT --zone-orig`); 0 unless a rule with the target CT says otherwise.
  /// Flows of Services are in zone 0.
  package var zone: UInt16
  /// The kernel's id of the entry. With the id, a deletion cannot hit a newer entry with the same addresses.
  package var id: UInt32

  package init(
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

/// Whether a flow is kept or deleted, and why.
package enum FlowVerdict: Hashable, Sendable {
  case keep
  /// Its endpoint no longer belongs to its Service, or its Service was deleted.
  case staleEndpoint
  /// It was never translated, because the Service had no endpoint when the flow began. Now there is one.
  case untranslated

  var isStale: Bool { self != .keep }
}
