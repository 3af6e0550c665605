import Glibc
import System
import Testing

@testable import Netlink

/// Requests to a kernel that the test simulates.
@Suite(.timeLimit(.minutes(1))) struct NetlinkSocketTests {
  private static func pair() throws -> (socket: NetlinkSocket, kernel: Handover<Descriptor>) {
    var ends: [Int32] = [-1, -1]
    try #require(socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
    return (NetlinkSocket(Descriptor(owning: ends[0])), Handover(Descriptor(owning: ends[1])))
  }

  private static let request = NetlinkRequest(subsystem: 7, message: 1, flags: 0, sequence: 7)

  /// NLMSG_ERROR: an acknowledgement (`code` 0) or an error.
  private static func answer(_ code: Int32, sequence: UInt32) -> [UInt8] {
    message(kind: 2, sequence: sequence, raw(-code))
  }

  @Test func `a wait for a kernel that does not answer ends`() throws {
    let (socket, kernel) = try Self.pair()
    let error = SystemError(action: "wait for the kernel's answer to a netlink request", code: ETIMEDOUT)
    #expect(throws: error) { try socket.ask(Self.request, limit: .milliseconds(20)) }
    #expect(throws: error) {
      var dump = try NetlinkDump(Self.request, on: socket, limit: .milliseconds(20), "list")
      _ = try dump.next()
    }
    _ = kernel.take()
  }

  @Test func `answers to other requests are ignored`() throws {
    let (socket, kernel) = try Self.pair()
    let end = kernel.takeOnce()
    try end.write(Self.answer(ENOENT, sequence: 6))
    try end.write(Self.answer(0, sequence: 7))
    #expect(try socket.ask(Self.request).isEmpty)
  }

  @Test func `other answers do not extend the time limit`() throws {
    let (socket, kernel) = try Self.pair()
    let end = kernel.takeOnce()
    try end.write(Self.answer(0, sequence: 8))
    #expect(throws: SystemError.self) { try socket.ask(Self.request, limit: .milliseconds(20)) }
  }

  @Test func `an error keeps its number`() throws {
    let (socket, kernel) = try Self.pair()
    let end = kernel.takeOnce()
    try end.write(Self.answer(EPERM, sequence: 7))
    #expect(throws: SystemError(action: "answer a netlink request", code: EPERM)) { try socket.ask(Self.request) }
    try end.write(Self.answer(ENOBUFS, sequence: 7))
    #expect(throws: SystemError(action: "list", code: ENOBUFS)) { try socket.list(Self.request, "list") }
  }

  @Test func `a datagram that cannot be read is an error`() throws {
    let (socket, kernel) = try Self.pair()
    let end = kernel.takeOnce()
    try end.write(Self.answer(0, sequence: 7) + raw(UInt32(17)) + [UInt8](repeating: 0, count: 12))
    #expect(throws: SystemError(action: "receive from netlink", code: EBADMSG)) { try socket.ask(Self.request) }
  }

  @Test func `a list ends with its last message`() throws {
    let (socket, kernel) = try Self.pair()
    let end = kernel.takeOnce()
    let done = message(kind: 3, sequence: 7, raw(Int32(0)))
    try end.write(message(kind: 0x701, sequence: 7, [1]) + message(kind: 0x701, sequence: 6, [2]))
    try end.write(message(kind: 0x701, sequence: 7, [3]) + done + message(kind: 0x701, sequence: 7, [4]))
    #expect(try socket.list(Self.request, "list").map(\.payload.first) == [1, 3])
  }

  @Test func `a list that the kernel ended with an error is an error`() throws {
    let (socket, kernel) = try Self.pair()
    let end = kernel.takeOnce()
    try end.write(message(kind: 0x701, sequence: 7, [1]) + message(kind: 3, sequence: 7, raw(-ENOMEM)))
    #expect(throws: SystemError(action: "list", code: ENOMEM)) { try socket.list(Self.request, "list") }
  }

  @Test func `a list that a change interrupted is asked for again`() throws {
    let (socket, kernel) = try Self.pair()
    let end = kernel.takeOnce()
    let interrupted: UInt16 = 0x10
    let done = message(kind: 3, sequence: 7, raw(Int32(0)))
    try end.write(message(kind: 0x701, flags: interrupted, sequence: 7, [1]) + done)
    try end.write(message(kind: 0x701, sequence: 7, [2]) + done)
    #expect(try socket.list(Self.request, "list").map(\.payload.first) == [2])
  }

  @Test func `a closed peer is an error`() throws {
    let (socket, kernel) = try Self.pair()
    _ = kernel.take()
    #expect(throws: SystemError(action: "send a netlink request", code: EPIPE)) { try socket.ask(Self.request) }
    #expect(throws: SystemError(action: "receive from netlink", code: EPIPE)) { try socket.receive() }
  }
}

/// A message as the kernel writes it.
private func message(kind: UInt16, flags: UInt16 = 0, sequence: UInt32, _ payload: [UInt8]) -> [UInt8] {
  let padding = [UInt8](repeating: 0, count: (4 - payload.count % 4) % 4)
  return raw(UInt32(16 + payload.count)) + raw(kind) + raw(flags) + raw(sequence) + raw(UInt32(0)) + payload + padding
}

private func raw(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value, Array.init) }
