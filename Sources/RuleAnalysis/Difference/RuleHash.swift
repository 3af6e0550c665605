import IPTables

/// Numbers for what a rule says, whatever its spelling. They can be compared within this process only.
package enum RuleHash {
  package static func of(_ rule: Rule) -> UInt64 { of(value: rule.canonical) }

  static func of(value: some Hashable) -> UInt64 {
    var hasher = Hasher()
    hasher.combine(value)
    return UInt64(bitPattern: Int64(hasher.finalize()))
  }

  /// For a rule that could not be read. It differs from every planned rule.
  package static let unreadable: UInt64 = 0x9e37_79b9_7f4a_7c15
}
