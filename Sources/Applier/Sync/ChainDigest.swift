import IPTables

/// What is remembered of a chain: enough to tell whether it has to be written again.
struct ChainRecord: Hashable, Sendable {
  /// Of the canonical rules in their order; comparable within this process only.
  var digest: UInt64 = 0
  var ruleCount: UInt32 = 0

  init() {}

  /// A chain of which only the name is known. No plan has as many rules.
  static let unknown: ChainRecord = {
    var record = ChainRecord()
    record.addUnreadable()
    record.ruleCount = 0
    return record
  }()

  init(_ rules: [Rule]) {
    for rule in rules { add(rule) }
  }

  mutating func add(_ rule: Rule) {
    var hasher = Hasher()
    hasher.combine(rule.canonical)
    mix(UInt64(bitPattern: Int64(hasher.finalize())))
  }

  /// A rule that could not be read: it equals no planned one.
  mutating func addUnreadable() { mix(0x9e37_79b9_7f4a_7c15) }

  private mutating func mix(_ hash: UInt64) {
    digest = (digest &* 0x0000_0100_0000_01b3) ^ hash &+ (digest >> 29)
    ruleCount += 1
  }
}
