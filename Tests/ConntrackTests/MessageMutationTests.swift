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
