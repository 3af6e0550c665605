import IPTables
import RuleAnalysis

/// What is kept of a chain: enough to tell whether it must be written again.
package struct ChainRecord: Hashable, Sendable {
  /// The digest of the canonical rules in their order. It can be compared within this process only.
  var digest: UInt64 = 0
  var ruleCount: UInt32 = 0

  package init() {}

  /// A chain of which only the name is known. It differs from every planned chain.
  static let unknown: ChainRecord = {
    var record = ChainRecord()
    record.addUnreadable()
    record.ruleCount = 0
    return record
  }()

  package init(_ rules: [Rule]) {
    for rule in rules { add(rule) }
  }

  mutating func add(_ rule: Rule) { mix(RuleHash.of(rule)) }

  /// The index of the rule that must be added to the recorded rules to get `rules`; nil if they differ in more than
  /// this rule. It is also nil for a chain that is longer than `longestSearch`, because the time to search grows with
  /// the square of the length.
  func indexOfAddedRule(in rules: [Rule]) -> Int? {
    guard rules.count == Int(ruleCount) + 1, rules.count <= ChainRecord.longestSearch else { return nil }
    let hashes = rules.map(RuleHash.of)
    var before = ChainRecord()
    for index in hashes.indices {
      var without = before
      for hash in hashes[(index + 1)...] { without.mix(hash) }
      if without == self { return index }
      before.mix(hashes[index])
    }
    return nil
  }

  /// Only `--dispatch flat` makes longer dispatch chains.
  private static let longestSearch = 128

  /// Adds a rule that could not be read. It differs from every planned rule.
  mutating func addUnreadable() { mix(RuleHash.unreadable) }

  private mutating func mix(_ hash: UInt64) {
    digest = (digest &* 0x0000_0100_0000_01b3) ^ hash &+ (digest >> 29)
    ruleCount += 1
  }
}
