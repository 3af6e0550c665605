import Glibc
import ServiceModel
import Testing

@testable import Netlink

/// Messages as bytes, and back.
@Suite(.timeLimit(.minutes(1))) struct NetlinkMessageTests {
  @Test func `what the builder writes, the reader reads`() throws {
    var request = NetlinkRequest(subsystem: 10, message: 3, flags: 0x300, sequence: 9, family: .ipv6)
    request.add(1, "nat")
    request.nest(2) {
      $0.add(1, [1, 2, 3, 4, 5, 6, 7, 8])
      $0.nest(2) { $0.add(3, [0xff]) }
    }
    request.add(4, [0, 0, 1, 0])
    let messages = Array(NetlinkMessages(request.bytes[...]))
    try #require(messages.count == 1)
    let message = messages[0]
    #expect(message.kind == 0x0a03 && message.flags == 0x301 && message.sequence == 9 && message.port == 0)
    #expect(message.family == .ipv6)
    #expect(message.text(1) == "nat")
    #expect(message.number(4, UInt32.self) == 256)
    #expect(message.number(4, UInt64.self) == nil, "another size")
    #expect(message.number(5, UInt32.self) == nil, "no such attribute")
    message.withAttributes { attributes in
      #expect(attributes.map(\.type) == [1, 2, 4])
      #expect(attributes.nested(2).value(1)?.bigEndian(UInt64.self) == 0x0102_0304_0506_0708)
      #expect(attributes.nested(2).nested(2).value(3).map(Array.init) == [0xff])
      #expect(attributes.nested(7).value(1) == nil)
    }
  }

  @Test func `a C library can append to the message`() {
    var request = NetlinkRequest(subsystem: 1, message: 0, flags: 0, sequence: 1)
    request.add(room: 8) { message in
      message.storeBytes(of: 24, as: UInt32.self)
      message.storeBytes(of: 4, toByteOffset: 20, as: UInt16.self)
      message.storeBytes(of: 6, toByteOffset: 22, as: UInt16.self)
    }
    request.add(7, [1])
    #expect(Array(NetlinkMessages(request.bytes[...])).first?.withAttributes { $0.map(\.type) } == [6, 7])
  }

  @Test(arguments: [
    (0, "no length"), (15, "shorter than a header"), (40, "longer than the datagram"),
  ])
  func `a malformed message ends a datagram`(length: Int, reason: String) {
    let first = NetlinkRequest(subsystem: 1, message: 1, flags: 0, sequence: 1).bytes
    let second = withUnsafeBytes(of: UInt32(length), Array.init) + first.dropFirst(4)
    var messages = NetlinkMessages((first + second)[...])
    #expect(messages.next() != nil, "\(reason)")
    #expect(messages.next() == nil && messages.isMalformed, "\(reason)")
  }

  @Test func `the smallest error code is an error too`() {
    let bytes = withUnsafeBytes(of: Int32.min, Array.init)
    let message = NetlinkMessage(kind: 2, flags: 0, sequence: 1, port: 0, payload: bytes[...])
    #expect(message.errorCode == Int32.min)
  }

  @Test func `an error without a number is an error`() {
    #expect(NetlinkMessage(kind: 2, flags: 0, sequence: 1, port: 0, payload: [1]).errorCode == EBADMSG)
  }
}
