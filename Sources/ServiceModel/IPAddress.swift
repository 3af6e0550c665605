/// An IPv4 or IPv6 address as a value: 128 bits and its family.
///
/// Sorted by family, then numerically. An IPv4 address is in the low 32 bits. IPv4-mapped IPv6 text
/// (`::ffff:192.0.2.1`) is read as the IPv4 address, as in the Kubernetes API machinery.
package struct IPAddress: Hashable, Sendable, Comparable {
  package let family: IPFamily
  package let bits: UInt128

  /// An address of `family` from its numeric value; bits above the family's width are dropped.
  package init(family: IPFamily, bits: UInt128) {
    self.family = family
    self.bits = family == .ipv4 ? bits & 0xffff_ffff : bits
  }

  /// Reads the textual form (RFC 4291 section 2.2, dotted quad without leading zeros). nil if it is not a valid
  /// address.
  package init?(_ text: some StringProtocol) {
    guard let parsed = AddressText.parse(text) else { return nil }
    self = parsed
  }

  package static func < (left: IPAddress, right: IPAddress) -> Bool {
    left.family == right.family ? left.bits < right.bits : left.family < right.family
  }

  /// 127.0.0.0/8 or ::1.
  package var isLoopback: Bool { family == .ipv4 ? bits >> 24 == 127 : bits == 1 }

  /// 169.254.0.0/16 or fe80::/10.
  package var isLinkLocal: Bool { family == .ipv4 ? bits >> 16 == 0xa9fe : bits >> 118 == 0x3fa }

  /// 224.0.0.0/4 or ff00::/8.
  package var isMulticast: Bool { family == .ipv4 ? bits >> 28 == 0xe : bits >> 120 == 0xff }

  /// 0.0.0.0 or ::.
  package var isUnspecified: Bool { bits == 0 }

  /// Why the address must not be used for traffic between nodes; nil for an ordinary address. With a loopback or
  /// link-local address as its endpoint, a Service would give access to the node's own local services (CVE-2021-25737).
  package var specialKind: String? {
    if isUnspecified { return "the unspecified address" }
    if isLoopback { return "a loopback address" }
    if isLinkLocal { return "a link-local address" }
    return isMulticast ? "a multicast address" : nil
  }
}

extension IPAddress: CustomStringConvertible {
  /// The canonical text: dotted quad, or RFC 5952.
  package var description: String { AddressText.format(self) }
}
