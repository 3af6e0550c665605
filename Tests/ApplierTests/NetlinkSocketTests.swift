import Glibc
import System
import Testing

@testable import Applier

/// Requests to the kernel, with a kernel that the test plays.
@Suite(.timeLimit(.minutes(1))) struct NetlinkSocketTests {
  private static func pair() throws -> (socket: NetlinkSocket, kernel: Handover<Descriptor>) {
    var ends: [Int32] = [-1, -1]
    try #require(socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
    return (NetlinkSocket(Descriptor(owning: ends[0])), Handover(Descriptor(owning: ends[1])))
  }

  private static let request = NetlinkRequest(kind: 0x0701, flags: 0, sequence: 7)

  /// NLMSG_ERROR: an acknowledgement (`code` 0) or an error.
  private static func answer(_ code: Int32, sequence: UInt32) -> [UInt8] {
    func bytes(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value, Array.init) }
    return bytes(UInt32(20)) + bytes(UInt16(2)) + bytes(UInt16(0)) + bytes(sequence) + bytes(UInt32(0))
      + bytes(-code)
  }

  @Test func `a kernel that does not answer is given up`() throws {
    let (socket, kernel) = try Self.pair()
    #expect(throws: NetlinkError(action: "wait for the kernel's answer to a netlink request", code: ETIMEDOUT)) {
      try socket.ask(Self.request, limit: .milliseconds(20))
    }
    _ = kernel.take()
  }

  @Test func `answers to other requests are left out`() throws {
    let (socket, kernel) = try Self.pair()
    let end = kernel.takeOnce()
    try end.write(Self.answer(ENOENT, sequence: 6))
    try end.write(Self.answer(0, sequence: 7))
    #expect(try socket.ask(Self.request).isEmpty)
  }

  @Test func `other answers do not prolong the wait`() throws {
    let (socket, kernel) = try Self.pair()
    let end = kernel.takeOnce()
    try end.write(Self.answer(0, sequence: 8))
    #expect(throws: NetlinkError.self) { try socket.ask(Self.request, limit: .milliseconds(20)) }
  }

  @Test func `an error keeps its number`() throws {
    let (socket, kernel) = try Self.pair()
    let end = kernel.takeOnce()
    try end.write(Self.answer(EPERM, sequence: 7))
    #expect(throws: NetlinkError(action: "netlink request", code: EPERM)) { try socket.ask(Self.request) }
  }

  @Test func `a peer that is gone is an error`() throws {
    let (socket, kernel) = try Self.pair()
    _ = kernel.take()
    #expect(throws: NetlinkError(action: "send a netlink request", code: EPIPE)) { try socket.ask(Self.request) }
  }
}
