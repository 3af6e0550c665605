import Glibc
import ServiceModel
import System

/// Sends and receives raw SCTP packets, because many kernels have no SCTP sockets.
///
/// The kernel still tracks and translates these packets, because netfilter's SCTP support is part of nf_conntrack.
struct SCTPSocket: Sendable {
  let raw: Socket

  /// Whether this kernel has SCTP sockets. If so, the lab uses them: the kernel's SCTP would interfere with raw
  /// packets.
  static let isInKernel: Bool = {
    guard let socket = try? Socket(.sctp, .ipv4) else { return false }
    socket.close()
    return true
  }()

  init(raw: Socket) { self.raw = raw }

  /// A socket that receives all SCTP packets to an address.
  init(bound address: IPAddress) throws(SystemError) {
    raw = try Socket(rawSCTP: address.family)
    do throws(SystemError) {
      try raw.bind(SocketAddress(address, port: 0))
    } catch {
      raw.close()
      throw error
    }
  }

  /// A socket that receives all SCTP packets from an address, and ICMP errors. The kernel selects the source address if
  /// `source` is nil.
  init(connectedTo destination: IPAddress, from source: IPAddress?) throws(SystemError) {
    raw = try Socket(rawSCTP: destination.family)
    do throws(SystemError) {
      if let source { try raw.bind(SocketAddress(source, port: 0)) }
      keepErrors(destination.family == .ipv4)
      let code = raw.connect(SocketAddress(destination, port: 0))
      if code != 0 { throw SystemError(action: "connect to \(destination)", code: code) }
    } catch {
      raw.close()
      throw error
    }
  }

  func close() { raw.close() }

  /// False on failure, with `errno`.
  func send(_ packet: SCTPPacket, to address: IPAddress? = nil) -> Bool {
    raw.send(packet.bytes, to: address.map { SocketAddress($0, port: 0) }) >= 0
  }

  struct Received {
    let sender: IPAddress
    /// nil if the packet is not valid.
    let packet: SCTPPacket?
  }

  /// nil on failure, with `errno`.
  func receive() -> Received? {
    guard let datagram = raw.receiveDatagram() else { return nil }
    var bytes = datagram.bytes
    // Over IPv4 the bytes begin with the IP header. The low half of its first byte is its length in 32-bit words.
    if datagram.sender.address.family == .ipv4, let first = bytes.first {
      bytes.removeFirst(min(bytes.count, Int(first & 15) * 4))
    }
    return Received(sender: datagram.sender.address, packet: SCTPPacket(bytes))
  }
}
