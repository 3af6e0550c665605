import ServiceModel
import Testing

@testable import Lab

@Suite(.timeLimit(.minutes(5))) struct SCTPTests {
  @Test
  func `the checksum is that of RFC 9260: the check value of Castagnoli's CRC`() {
    #expect(CRC32c.checksum("123456789".utf8) == 0xe306_9283)
    #expect(CRC32c.checksum([UInt8](repeating: 0, count: 32)) == 0x8a91_36aa)
  }

  private let packet = SCTPPacket(
    sourcePort: 40000, destinationPort: 3868, tag: 0x0102_0304,
    chunks: [.selectiveAck(7), .data([0x3f, 0x0a, 0x21], number: 8)])

  @Test
  func `a packet is read as it was written, and each changed byte is noticed`() {
    let bytes = packet.bytes
    #expect(bytes.count % 4 == 0)
    #expect(bytes.starts(with: [0x9c, 0x40, 0x0f, 0x1c, 1, 2, 3, 4]))
    #expect(SCTPPacket(bytes) == packet)
    #expect(SCTPPacket(bytes)?[.data]?.payload == [0x3f, 0x0a, 0x21])
    for place in bytes.indices {
      var other = bytes
      other[place] ^= 1
      #expect(SCTPPacket(other) == nil)
    }
    #expect(SCTPPacket(Array(bytes.dropLast(4))) == nil)
  }

  @Test
  func `an endpoint answers packets for its port, with the client's tag`() throws {
    let endpoint = SCTPEndpoint(name: "a", port: 3868)
    let client = try #require(IPAddress("10.10.1.7"))
    func answer(_ tag: UInt32, port: UInt16 = 3868, _ chunks: SCTPPacket.Chunk...) -> SCTPPacket? {
      endpoint.answer(
        SCTPPacket(sourcePort: 40000, destinationPort: port, tag: tag, chunks: chunks), from: client)
    }
    let first = try #require(answer(0, .initiation(.initiation, tag: 77)))
    #expect(first.tag == 77)
    let acknowledged = try #require(first[.initiationAck])
    let own = try #require(acknowledged.number)
    #expect(own != 0)
    let second = try #require(answer(own, .init(kind: .cookieEcho, value: acknowledged.cookie)))
    #expect(second.tag == 77)
    #expect(second[.cookieAck] != nil)
    let third = try #require(answer(own, .data([0x3f, 0x0a], number: 5)))
    #expect(third[.selectiveAck]?.number == 5)
    #expect(third[.data]?.payload == Array("a 10.10.1.7 40000\n".utf8))
    #expect(answer(own, port: 3869, .data([], number: 5)) == nil)
    #expect(answer(own, .init(kind: .abort)) == nil)
  }
}
