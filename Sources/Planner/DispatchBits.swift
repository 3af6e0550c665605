import IPTables
import ServiceModel

/// The bits by which a dispatch tree is split: those of the destination address, then those of the port.
struct DispatchBits: Hashable {
  /// Left-aligned.
  let address: UInt128
  let port: UInt16
  /// 32 or 128; 0 if the entry has no address (node ports).
  let addressWidth: Int

  init(_ key: DispatchKey) { self.init(key.address, port: key.port) }

  init(_ claimed: ClaimedAddress) { self.init(claimed.address, port: claimed.port) }

  private init(_ address: IPAddress?, port: UInt16) {
    addressWidth = address?.family.addressBits ?? 0
    self.address = address.map { $0.bits << UInt128(128 - $0.family.addressBits) } ?? 0
    self.port = port
  }

  init(_ address: IPAddress) { self.init(address, port: 0) }

  private init(address: UInt128, port: UInt16, addressWidth: Int) {
    self.address = address
    self.port = port
    self.addressWidth = addressWidth
  }

  /// The number of bits of the address and the port together.
  var width: Int { addressWidth + 16 }

  /// The number of leading bits that both have in common.
  func commonPrefix(with other: DispatchBits) -> Int {
    let difference = address ^ other.address
    if difference != 0 { return difference.leadingZeroBitCount }
    return addressWidth + (port ^ other.port).leadingZeroBitCount
  }

  /// Rounds a position down to one at which a tree may split: every third bit of the address and, counted from the end
  /// of the address, every third bit of the port. The positions are fixed, so adding or removing an entry never shifts
  /// the boundaries of other entries.
  func floor(_ position: Int) -> Int {
    if position >= width { return width }
    if position >= addressWidth { return addressWidth + (position - addressWidth) / 3 * 3 }
    return position / 3 * 3
  }

  /// The position after `position` at which a tree may split.
  func next(after position: Int) -> Int {
    let end = position < addressWidth ? addressWidth : width
    return min(position + 3, end)
  }

  /// The bits between a position and the next one, as a number below 8.
  func slot(at position: Int) -> Int {
    let end = next(after: position)
    let count = end - position
    let mask = 1 << count - 1
    if position < addressWidth { return Int(truncatingIfNeeded: address >> UInt128(128 - end)) & mask }
    return Int(port >> UInt16(width - end)) & mask
  }

  /// A copy with this number in the bits between a position and the next one. These bits must be zero before.
  func setting(_ slot: Int, at position: Int) -> DispatchBits {
    let end = next(after: position)
    guard position >= addressWidth else {
      let value = UInt128(slot) << UInt128(128 - end)
      return DispatchBits(address: address | value, port: port, addressWidth: addressWidth)
    }
    return DispatchBits(address: address, port: port | UInt16(slot) << UInt16(width - end), addressWidth: addressWidth)
  }

  /// The first `length` bits; the others cleared.
  func prefix(_ length: Int) -> DispatchBits {
    let addressLength = min(length, addressWidth)
    let addressMask: UInt128 = addressLength == 0 ? 0 : .max << UInt128(128 - addressLength)
    let portLength = length - addressLength
    let portMask: UInt16 = portLength <= 0 ? 0 : .max << UInt16(16 - portLength)
    return DispatchBits(address: address & addressMask, port: port & portMask, addressWidth: addressWidth)
  }
}

/// The destinations that share a number of leading bits. Each chain of a dispatch tree handles one prefix.
struct DispatchPrefix: Hashable {
  let bits: DispatchBits
  let length: Int

  init(_ bits: DispatchBits, length: Int) {
    self.bits = bits.prefix(length)
    self.length = length
  }

  /// The addresses of the prefix; nil if the entries have no address.
  var cidr: CIDR? {
    guard bits.addressWidth > 0 else { return nil }
    let family: IPFamily = bits.addressWidth == 32 ? .ipv4 : .ipv6
    let address = IPAddress(family: family, bits: bits.address >> UInt128(128 - bits.addressWidth))
    return CIDR(address, prefixLength: min(length, bits.addressWidth))
  }

  /// The ports of the prefix; nil if it covers all ports.
  var ports: ClosedRange<UInt16>? {
    let length = length - bits.addressWidth
    guard length > 0 else { return nil }
    return bits.port...(bits.port | (length == 16 ? 0 : UInt16.max >> UInt16(length)))
  }

  /// The matches for packets of this prefix. There is one list for each protocol if the prefix restricts the ports.
  func matches(_ transports: Set<TransportProtocol>) -> [[Match]] {
    let destination: [Match] =
      cidr.map { $0.isHost ? [.destination(.host($0.address))] : [.destination(.network($0))] } ?? []
    guard let ports else { return [destination] }
    return transports.sorted().map { [.transport($0)] + destination + [.destinationPort(ports)] }
  }

  /// A text that no other prefix of the same dispatch chain has.
  var text: String {
    let ports = ports.map { "\($0.lowerBound)-\($0.upperBound)" } ?? "*"
    return "\(cidr.map(\.description) ?? "*") \(ports)"
  }
}
