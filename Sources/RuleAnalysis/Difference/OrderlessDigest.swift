import IPTables

/// A number for what a dispatch chain does to packets. Two chains with the same rules have the same number if the rules
/// that changed places cannot match the same packet.
///
/// A rule that is not for one port and protocol divides the chain. Between two such rules, the order of rules for
/// different ports does not count. The order of rules for one port does not count either if all are for single
/// addresses and these differ.
package struct OrderlessDigest: Sendable {
  private var segment: [(reach: RuleReach, hash: UInt64)] = []
  private var closed: UInt64 = 0

  package init() {}

  package init(_ rules: [Rule]) {
    for rule in rules { add(rule) }
  }

  /// Adds the next rule. Numbers can be compared within this process only.
  package mutating func add(_ rule: Rule) {
    let reach = RuleReach(rule)
    let hash = RuleHash.of(rule)
    if reach.isWide {
      close(with: hash)
    } else {
      segment.append((reach, hash))
    }
  }

  /// Adds a rule that could not be read. It differs from every planned rule.
  package mutating func addUnreadable() { close(with: RuleHash.unreadable) }

  package var value: UInt64 { RuleHash.of(value: [closed, segmentDigest]) }

  private mutating func close(with hash: UInt64) {
    closed = RuleHash.of(value: [closed, segmentDigest, hash])
    segment = []
  }

  private var segmentDigest: UInt64 {
    var ports: [RuleReach: [(reach: RuleReach, hash: UInt64)]] = [:]
    for rule in segment { ports[rule.reach.withoutDestination, default: []].append(rule) }
    return ports.values.reduce(0) { sum, rules in
      if rules.contains(where: { $0.reach.destination == nil }) {
        return sum &+ RuleHash.of(value: rules.map(\.hash))
      }
      let addresses = Dictionary(grouping: rules, by: \.reach)
      return addresses.values.reduce(sum) { $0 &+ RuleHash.of(value: $1.map(\.hash)) }
    }
  }
}
