import ServiceModel

/// The kernel's tables that a service proxy uses.
package enum Table: String, Hashable, Sendable, CaseIterable, Comparable, Codable {
  case filter, nat, mangle

  /// As nft names the table of a family: `ip nat`, `ip6 filter`.
  package func nftName(_ family: IPFamily) -> String { "\(family == .ipv4 ? "ip" : "ip6") \(rawValue)" }

  package static func < (left: Table, right: Table) -> Bool { left.rawValue < right.rawValue }
}
