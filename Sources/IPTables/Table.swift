/// The kernel's tables that a service proxy uses.
public enum Table: String, Hashable, Sendable, CaseIterable, Comparable, Codable {
  case filter, nat, mangle

  public static func < (left: Table, right: Table) -> Bool { left.rawValue < right.rawValue }
}
