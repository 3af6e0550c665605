import Mutations
import Netlink
import ServiceModel
import Testing

@testable import Conntrack

/// Conntrack entries with wrong attributes, lengths and families.
@Suite(.timeLimit(.minutes(5))) struct MessageMutationTests {
  private func read(_ bytes: [UInt8]) -> Flow? {
    var messages = NetlinkMessages(bytes[...])
    return messages.next().flatMap { FlowMessage.flow($0) }
  }

  @Test func `the undamaged message is a flow`() {
    let flow = flow(clusterIP, to: endpoint1)
    #expect(read(Inserter.request(flow, sequence: 1).bytes) == flow)
  }

  /// CTA_TUPLE_ORIG or CTA_TUPLE_REPLY (1, 2) with CTA_TUPLE_IP, CTA_TUPLE_PROTO and CTA_TUPLE_ZONE (1, 2, 3).
  private func tuple(_ direction: UInt32, zone: UInt8?, in request: inout NetlinkRequest) {
    request.nest(direction) { request in
      request.nest(1) {
        $0.add(1, [10, 10, 1, 7])
        $0.add(2, [10, 200, 1, 10])
      }
      request.nest(2) { $0.add(1, [17]) }
      if let zone { request.add(3, [0, zone]) }
    }
  }

  @Test(arguments: [(nil, nil, 0), (5, nil, 5), (nil, 6, 6)] as [(UInt8?, UInt8?, UInt16)])
  func `the zone of one direction is the zone of the flow`(original: UInt8?, reply: UInt8?, zone: UInt16) {
    var request = NetlinkRequest(subsystem: 1, message: 0, flags: 0, sequence: 1, family: .ipv4)
    tuple(1, zone: original, in: &request)
    tuple(2, zone: reply, in: &request)
    #expect(read(request.bytes)?.zone == zone)
  }

  @Test(arguments: 0..<4)
  func `damaged messages are read or left out`(seed: UInt64) {
    var mutator = Mutator(seed: seed)
    let original = Inserter.request(flow(clusterIP, to: endpoint1), sequence: 1).bytes
    for _ in 0..<2000 {
      let payload = mutator.mutated(Array(original.dropFirst(16)))
      let length = UInt32(16 + payload.count)
      // The length of the whole is checked where the datagram is taken apart.
      let bytes = withUnsafeBytes(of: length, Array.init) + original[4..<16] + payload
      guard payload.count >= 4, let flow = read(bytes) else { continue }
      #expect(TransportProtocol.allCases.contains(flow.transport))
    }
  }
}
