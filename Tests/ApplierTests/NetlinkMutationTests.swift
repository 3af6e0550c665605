import IPTables
import Mutations
import Netlink
import ServiceModel
import Testing

@testable import Applier

/// Netlink datagrams with wrong lengths, kinds and contents.
@Suite(.timeLimit(.minutes(5))) struct NetlinkMutationTests {
  /// A datagram as the kernel sends one: a deleted chain of ours, then a new generation.
  private static let datagram: [UInt8] = {
    func attribute(_ number: UInt16, _ value: [UInt8]) -> [UInt8] {
      let bytes = raw(UInt16(4 + value.count)) + raw(number) + value
      return bytes + [UInt8](repeating: 0, count: (4 - bytes.count % 4) % 4)
    }
    func message(_ kind: UInt16, _ payload: [UInt8]) -> [UInt8] {
      raw(UInt32(20 + payload.count)) + raw(kind) + raw(UInt16(0)) + raw(UInt32(1)) + raw(UInt32(77)) + [2, 0, 0, 0]
        + payload
    }
    let chain = attribute(1, Array("nat\0".utf8)) + attribute(3, Array("KUBE-SERVICES\0".utf8))
    let generation = attribute(1, [0, 0, 0, 9]) + attribute(2, [0, 0, 1, 0]) + attribute(3, Array("nft\0".utf8))
    return message(10 << 8 | 5, chain) + message(10 << 8 | 15, generation)
  }()

  private static func raw(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value, Array.init) }

  private func changes(_ datagram: [UInt8]) -> [ForeignChange] {
    var reader = ForeignChangeReader()
    return NetlinkMessages(datagram[...]).compactMap { reader.consume($0) }
  }

  @Test func `the undamaged datagram reports a change`() {
    #expect(changes(Self.datagram) == [ForeignChange(families: [.ipv4], pid: 256, program: "nft")])
  }

  @Test(arguments: 0..<4)
  func `damaged datagrams are read or left out`(seed: UInt64) {
    var mutator = Mutator(seed: seed)
    for _ in 0..<3000 {
      let bytes = mutator.mutated(Self.datagram)
      for message in NetlinkMessages(bytes[...]) {
        #expect(
          message.payload.count <= bytes.count
            && message.withAttributes { $0.reduce(0) { count, _ in count + 1 } } <= bytes.count / 4)
        _ = message.errorCode
      }
      #expect(changes(bytes).allSatisfy { $0.families.isSubset(of: [.ipv4, .ipv6]) })
    }
  }

  @Test func `a filter accepts more restore processes than it has jumps for`() throws {
    let socket = try NetlinkSocket()
    try PortFilter.attach(ignoring: Array(1...1000), to: socket)
    try PortFilter.attach(ignoring: [], to: socket)
    #expect(socket.descriptor >= 0)
  }
}
