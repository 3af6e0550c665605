/// The tables of the kernel that a service proxy touches.
public enum Table: String, Hashable, Sendable, CaseIterable, Comparable, Codable {
  case filter, nat, mangle

  public static func < (left: Table, right: Table) -> Bool { left.rawValue < right.rawValue }
}
