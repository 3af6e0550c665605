import ServiceModel

/// Answers SCTP packets to one port. It keeps no state, because it can derive everything from the tags.
struct SCTPEndpoint: Sendable {
  let name: String
  let port: UInt16

  /// Clients' tags are odd and this number is even, so a tag of the endpoint (their XOR) is never 0.
  private static let own: UInt32 = 0x5c7b_0a42
  private static let cookie: [UInt8] = [0x6c, 0x61, 0x62, 0x21]

  /// nil if the packet needs no answer.
  func answer(_ packet: SCTPPacket, from sender: IPAddress) -> SCTPPacket? {
    guard packet.destinationPort == port else { return nil }
    var reply = SCTPPacket(
      sourcePort: port, destinationPort: packet.sourcePort, tag: packet.tag ^ SCTPEndpoint.own, chunks: [])
    if let tag = packet[.initiation]?.number {
      reply.tag = tag
      reply.chunks = [.initiation(.initiationAck, tag: tag ^ SCTPEndpoint.own, cookie: SCTPEndpoint.cookie)]
    }
    if packet[.cookieEcho]?.value == SCTPEndpoint.cookie { reply.chunks.append(.init(kind: .cookieAck)) }
    if let number = packet[.data]?.number {
      let client = SocketAddress(sender, port: packet.sourcePort)
      reply.chunks += [.selectiveAck(number), .data(Answer(name, client).bytes, number: number)]
    }
    return reply.chunks.isEmpty ? nil : reply
  }
}
