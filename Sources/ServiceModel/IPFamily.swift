/// The two IP families. Each has its own rules, tables and syncs.
package enum IPFamily: String, Hashable, Sendable, CaseIterable, Comparable, Codable {
  case ipv4 = "IPv4"
  case ipv6 = "IPv6"

  /// Number of bits in an address: 32 or 128.
  package var addressBits: Int { self == .ipv4 ? 32 : 128 }

  package static func < (left: IPFamily, right: IPFamily) -> Bool { left == .ipv4 && right == .ipv6 }
}
