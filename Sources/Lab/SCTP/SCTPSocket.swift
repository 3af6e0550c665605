import Glibc
import ServiceModel

/// Sends and receives SCTP packets as they are, as many kernels have no sockets for associations.
///
/// The kernel tracks and translates them all the same: what netfilter does to SCTP is in nf_conntrack itself.
struct SCTPSocket: Sendable {
  let raw: Socket

  /// Whether this kernel has SCTP sockets. Then they are used: its own SCTP would meddle with packets made by hand.
  static let isInKernel: Bool = {
    guard let socket = try? Socket(.sctp, .ipv4) else { return false }
    socket.close()
    return true
  }()

  init(raw: Socket) { self.raw = raw }

  /// A socket that gets all SCTP packets to an address.
  init(bound address: IPAddress) throws(LabError) {
    raw = try Socket(rawSCTP: address.family)
    do throws(LabError) {
      try raw.bind(SocketAddress(address, port: 0))
    } catch {
      raw.close()
      throw error
    }
  }

  /// A socket that gets what comes from an address, and learns of ICMP errors. The kernel chooses its own address
  /// where none is given.
  init(connectedTo destination: IPAddress, from source: IPAddress?) throws(LabError) {
    raw = try Socket(rawSCTP: destination.family)
    do throws(LabError) {
      if let source { try raw.bind(SocketAddress(source, port: 0)) }
      keepErrors(destination.family == .ipv4)
      let code = raw.connect(SocketAddress(destination, port: 0))
      if code != 0 { throw LabError.system(action: "connect to \(destination)", code: code) }
    } catch {
      raw.close()
      throw error
    }
  }

  func close() { raw.close() }

  /// False with `errno` on failure.
  func send(_ packet: SCTPPacket, to address: IPAddress? = nil) -> Bool {
    raw.send(packet.bytes, to: address.map { SocketAddress($0, port: 0) }) >= 0
  }

  struct Received {
    let sender: IPAddress
    /// nil if the packet is not sound.
    let packet: SCTPPacket?
  }

  /// nil with `errno` on failure.
  func receive() -> Received? {
    guard let datagram = raw.receiveDatagram() else { return nil }
    var bytes = datagram.bytes
    // With IPv4 the IP header comes along; its second half byte is its length in words.
    if datagram.sender.address.family == .ipv4, let first = bytes.first {
      bytes.removeFirst(min(bytes.count, Int(first & 15) * 4))
    }
    return Received(sender: datagram.sender.address, packet: SCTPPacket(bytes))
  }
}
