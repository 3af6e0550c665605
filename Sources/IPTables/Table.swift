/// The kernel's tables that a service proxy uses.
package enum Table: String, Hashable, Sendable, CaseIterable, Comparable, Codable {
  case filter, nat, mangle

  package static func < (left: Table, right: Table) -> Bool { left.rawValue < right.rawValue }
}
