import Glibc
import ServiceModel
import Synchronization
import System

/// A client's association over raw packets. Its calls block: use a thread of its own.
final class SCTPAssociation {
  let local: SocketAddress
  private let socket: SCTPSocket
  private let destination: SocketAddress
  private let timeout: Int32
  /// The verification tag of packets to this client. It is odd, because `SCTPEndpoint` depends on that.
  private let tag = UInt32.random(in: 0...UInt32.max) | 1
  private var peerTag: UInt32 = 0
  private var number: UInt32 = 0

  /// Each client of this process has a port of its own, because each raw socket receives the packets for all of them.
  private static let ports = Atomic(UInt32.random(in: 0..<50_000))

  /// Opens an association with four packets. On failure the error contains the outcome.
  static func open(_ request: Request) throws(SystemError) -> Result<SCTPAssociation, Connection.Failure> {
    let association: SCTPAssociation
    do throws(SystemError) {
      association = try SCTPAssociation(request)
    } catch {
      guard request.source == nil else { throw error }
      return .failure(.outcome(Outcome(error.code)))
    }
    return association.begin().map { association }
  }

  private init(_ request: Request) throws(SystemError) {
    destination = request.destination
    timeout = request.timeout
    socket = try SCTPSocket(connectedTo: destination.address, from: request.source?.address)
    let given = request.source?.port ?? 0
    let counted = SCTPAssociation.ports.wrappingAdd(1, ordering: .relaxed).newValue
    let address = socket.raw.local?.address ?? IPAddress(family: destination.address.family, bits: 0)
    local = SocketAddress(address, port: given != 0 ? given : UInt16(10_000 + counted % 50_000))
  }

  deinit {
    // The ABORT chunk makes conntrack forget the flow soon.
    if peerTag != 0 { _ = socket.send(packet([.init(kind: .abort)])) }
    socket.close()
  }

  private func begin() -> Result<Void, Connection.Failure> {
    exchange([.initiation(.initiation, tag: tag)]) { $0[.initiationAck] }
      .flatMap { chunk in
        peerTag = chunk.number ?? 0
        return exchange([.init(kind: .cookieEcho, value: chunk.cookie)]) { $0[.cookieAck] }
      }
      .map { _ in }
  }

  /// Asks once.
  func ask() -> Outcome {
    number += 1
    let own = number
    let answer = exchange([.data([0x3f, 0x0a], number: own)]) { packet in
      // The packet may be a second answer to an earlier question.
      packet[.selectiveAck]?.number == own ? packet[.data] : nil
    }
    switch answer {
    case .success(let chunk):
      return Answer(chunk.payload).map(Outcome.answered) ?? .garbled(String(decoding: chunk.payload, as: UTF8.self))
    case .failure(.outcome(let outcome)): return outcome
    }
  }

  private func packet(_ chunks: [SCTPPacket.Chunk]) -> SCTPPacket {
    SCTPPacket(sourcePort: local.port, destinationPort: destination.port, tag: peerTag, chunks: chunks)
  }

  /// Sends chunks until `wanted` finds an answer. Sends them again every second, because packets may be lost.
  private func exchange(
    _ chunks: [SCTPPacket.Chunk], _ wanted: (SCTPPacket) -> SCTPPacket.Chunk?
  ) -> Result<SCTPPacket.Chunk, Connection.Failure> {
    var left = timeout
    while left > 0 {
      if let failure = send(chunks) { return .failure(failure) }
      let pause = min(left, 1000)
      left -= pause
      let end = ContinuousClock.now + .milliseconds(Int(pause))
      while let event = next(before: end) {
        switch event {
        case .failure(let failure): return .failure(failure)
        case .success(let packet):
          guard packet.destinationPort == local.port, packet.tag == tag else { continue }
          if packet[.abort] != nil { return .failure(.outcome(peerTag == 0 ? .refused : .reset)) }
          if let chunk = wanted(packet) { return .success(chunk) }
        }
      }
    }
    return .failure(.outcome(.silent))
  }

  /// Sends chunks. Returns the failure, or nil.
  private func send(_ chunks: [SCTPPacket.Chunk]) -> Connection.Failure? {
    var code: Int32 = 0
    // The error may belong to another client's packet. It is reported only once, so try again. EPERM is different: a
    // rule dropped this packet.
    for _ in 0..<100 where code != EPERM {
      if socket.send(packet(chunks)) { return nil }
      code = errno
      if let failure = takeError() { return failure }
    }
    return .outcome(Outcome(code))
  }

  /// Returns the first ICMP error for a packet of this client.
  private func takeError() -> Connection.Failure? {
    while let error = socket.takeError() {
      if error.sourcePort == local.port { return .outcome(Outcome(error.code)) }
    }
    return nil
  }

  /// The next packet or ICMP error; nil if none comes before `end`.
  private func next(before end: ContinuousClock.Instant) -> Result<SCTPPacket, Connection.Failure>? {
    while true {
      let left = (end - ContinuousClock.now) / .milliseconds(1)
      var polled = pollfd(fd: socket.raw.descriptor, events: Int16(POLLIN), revents: 0)
      let ready = poll(&polled, 1, Int32(max(0, left.rounded(.up))))
      if ready == 0 { return nil }
      if ready < 0 { continue }
      if let failure = takeError() { return .failure(failure) }
      if let packet = socket.receive()?.packet { return .success(packet) }
    }
  }
}
