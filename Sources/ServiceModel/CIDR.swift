/// A block of addresses: a network address with its host bits cleared, and the length of its prefix.
package struct CIDR: Hashable, Sendable, Comparable {
  package let address: IPAddress
  package let prefixLength: Int

  /// The block of `prefixLength` bits that contains `address`. nil unless the length is 0...32 (IPv4) or 0...128
  /// (IPv6).
  package init?(_ address: IPAddress, prefixLength: Int) {
    guard (0...address.family.addressBits).contains(prefixLength) else { return nil }
    self.address = IPAddress(
      family: address.family, bits: address.bits & CIDR.mask(address.family, prefixLength: prefixLength))
    self.prefixLength = prefixLength
  }

  /// The block that contains only this address.
  package init(host address: IPAddress) {
    self.address = address
    self.prefixLength = address.family.addressBits
  }

  /// Reads `ADDRESS/LENGTH`. Host bits may be set; they are cleared. nil if the text is not a valid CIDR.
  ///
  /// IPv4-mapped IPv6 text is an IPv4 address, so `::ffff:192.0.2.0/120` is 192.0.2.0/24.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let address = IPAddress(parts[0]), (1...3).contains(parts[1].utf8.count),
      parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int(parts[1])
    else { return nil }
    let isMapped = address.family == .ipv4 && parts[0].contains(":")
    self.init(address, prefixLength: isMapped ? length - 96 : length)
  }

  package var family: IPFamily { address.family }

  /// Whether the block is a single address.
  package var isHost: Bool { prefixLength == family.addressBits }

  package func contains(_ other: IPAddress) -> Bool {
    other.family == family && other.bits & CIDR.mask(family, prefixLength: prefixLength) == address.bits
  }

  /// The mask: prefix bits are set, host bits are clear.
  package static func mask(_ family: IPFamily, prefixLength: Int) -> UInt128 {
    if prefixLength == 0 { return 0 }
    let all: UInt128 = family == .ipv4 ? 0xffff_ffff : .max
    return all & (all << UInt128(family.addressBits - prefixLength))
  }

  package static func < (left: CIDR, right: CIDR) -> Bool {
    left.address == right.address ? left.prefixLength < right.prefixLength : left.address < right.address
  }
}

extension CIDR: CustomStringConvertible {
  package var description: String { "\(address)/\(prefixLength)" }
}
