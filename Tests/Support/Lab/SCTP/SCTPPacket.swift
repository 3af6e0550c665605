/// A packet of SCTP (RFC 9260, section 3): a header and chunks.
struct SCTPPacket: Hashable, Sendable {
  struct Chunk: Hashable, Sendable {
    var kind: Kind
    var flags: UInt8 = 0
    var value: [UInt8] = []
  }

  /// The kinds of chunks that the lab uses.
  enum Kind: UInt8 {
    case data = 0
    case initiation = 1
    case initiationAck = 2
    case selectiveAck = 3
    case abort = 6
    case cookieEcho = 10
    case cookieAck = 11
  }

  var sourcePort: UInt16
  var destinationPort: UInt16
  /// The verification tag, chosen by the receiver of the packet. 0 in the first packet.
  var tag: UInt32
  var chunks: [Chunk]

  subscript(_ kind: Kind) -> Chunk? { chunks.first { $0.kind == kind } }

  var bytes: [UInt8] {
    var bytes = sourcePort.wire + destinationPort.wire + tag.wire + [0, 0, 0, 0]
    for chunk in chunks {
      bytes += [chunk.kind.rawValue, chunk.flags] + UInt16(4 + chunk.value.count).wire + chunk.value
      while bytes.count % 4 != 0 { bytes.append(0) }
    }
    // The checksum is the only number with the least significant byte first.
    bytes.replaceSubrange(8..<12, with: CRC32c.checksum(bytes).wire.reversed())
    return bytes
  }

  /// Reads a packet. nil if it is truncated or its checksum is wrong, for example because somebody rewrote ports
  /// without updating the checksum. Chunks of other kinds are left out.
  init?(_ bytes: [UInt8]) {
    guard bytes.count >= 12 else { return nil }
    var unsigned = bytes
    unsigned.replaceSubrange(8..<12, with: [0, 0, 0, 0])
    guard CRC32c.checksum(unsigned).wire.reversed().elementsEqual(bytes[8..<12]) else { return nil }
    self.init(
      sourcePort: UInt16(wire: bytes[0..<2]), destinationPort: UInt16(wire: bytes[2..<4]),
      tag: UInt32(wire: bytes[4..<8]), chunks: [])
    var start = 12
    while start + 4 <= bytes.count {
      let length = Int(UInt16(wire: bytes[start + 2..<start + 4]))
      guard length >= 4, start + length <= bytes.count else { return nil }
      if let kind = Kind(rawValue: bytes[start]) {
        chunks.append(Chunk(kind: kind, flags: bytes[start + 1], value: Array(bytes[start + 4..<start + length])))
      }
      start += (length + 3) & ~3
    }
  }

  init(sourcePort: UInt16, destinationPort: UInt16, tag: UInt32, chunks: [Chunk]) {
    self.sourcePort = sourcePort
    self.destinationPort = destinationPort
    self.tag = tag
    self.chunks = chunks
  }
}

extension SCTPPacket.Chunk {
  /// An INIT or INIT ACK chunk with one stream in each direction.
  ///
  /// - Parameters:
  ///   - tag: the verification tag of packets to the sender of this chunk.
  ///   - cookie: only in an INIT ACK: the cookie that the client sends back.
  static func initiation(_ kind: SCTPPacket.Kind, tag: UInt32, cookie: [UInt8] = []) -> Self {
    var value = tag.wire + SCTPPacket.window + UInt16(1).wire + UInt16(1).wire + UInt32(1).wire
    // Parameter 7, the state cookie.
    if !cookie.isEmpty { value += UInt16(7).wire + UInt16(4 + cookie.count).wire + cookie }
    return Self(kind: kind, value: value)
  }

  /// A DATA chunk with a complete message.
  static func data(_ payload: [UInt8], number: UInt32) -> Self {
    Self(kind: .data, flags: 3, value: number.wire + [0, 0, 0, 0] + [0, 0, 0, 0] + payload)
  }

  /// Acknowledges all messages up to a number.
  static func selectiveAck(_ number: UInt32) -> Self {
    Self(kind: .selectiveAck, value: number.wire + SCTPPacket.window + [0, 0, 0, 0])
  }

  /// The first number in the chunk: a tag, or the number of a message. nil if there is none.
  var number: UInt32? { value.count >= 4 ? UInt32(wire: value[0..<4]) : nil }

  /// The message in a DATA chunk.
  var payload: [UInt8] { Array(value.dropFirst(12)) }

  /// The cookie in an INIT ACK chunk.
  var cookie: [UInt8] { Array(value.dropFirst(16 + 4)) }
}

extension SCTPPacket {
  /// The receive window. No message here is that large.
  fileprivate static let window = UInt32(65536).wire
}

extension FixedWidthInteger {
  /// The bytes in network order.
  fileprivate var wire: [UInt8] { withUnsafeBytes(of: bigEndian, Array.init) }

  fileprivate init(wire: ArraySlice<UInt8>) { self = wire.reduce(0) { $0 << 8 | Self($1) } }
}
