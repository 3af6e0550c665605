import IPTables

/// The differences between two versions of one chain.
struct ChainDifference {
  private let chain: ChainKey
  private(set) var items: [DifferenceItem] = []

  /// A rule and its place in the chain.
  private struct Placed {
    let rule: Rule
    let index: Int
  }

  init(_ chain: ChainKey, from actual: [Rule], to expected: [Rule]) {
    self.chain = chain
    let actual = actual.map(\.canonical)
    let expected = expected.map(\.canonical)
    guard actual != expected else { return }
    var missing: [Placed] = []
    var extra: [Placed] = []
    if chain.isDispatch || actual.count + expected.count > ChainDifference.largestSequence {
      (missing, extra) = compareContents(actual, expected)
    } else {
      (missing, extra) = compareSequences(actual, expected)
    }
    pair(&missing, &extra)
    items += missing.map { DifferenceItem(chain, .missingRule($0.rule, at: $0.index)) }
    items += extra.map { placed in
      let isForeign = ForeignRule.isForeign(placed.rule, in: chain)
      return DifferenceItem(
        chain, isForeign ? .foreignRule(placed.rule, at: placed.index) : .extraRule(placed.rule, at: placed.index))
    }
    items.sort { $0.place < $1.place }
  }

  /// Longer chains are compared by content, because the time to find the shortest edit grows with the square of the
  /// length.
  private static let largestSequence = 4000

  private mutating func compareSequences(_ actual: [Rule], _ expected: [Rule]) -> (missing: [Placed], extra: [Placed]) {
    var missing: [Placed] = []
    var extra: [Placed] = []
    for change in expected.difference(from: actual).inferringMoves() {
      switch change {
      case .insert(let to, let rule, let from?):
        items.append(DifferenceItem(chain, .movedRule(rule, from: from, to: to)))
      case .insert(let index, let rule, nil): missing.append(Placed(rule: rule, index: index))
      case .remove(let index, let rule, nil): extra.append(Placed(rule: rule, index: index))
      case .remove: break
      }
    }
    return (missing, extra)
  }

  private mutating func compareContents(_ actual: [Rule], _ expected: [Rule]) -> (missing: [Placed], extra: [Placed]) {
    var counts: [Rule: Int] = [:]
    for rule in actual { counts[rule, default: 0] += 1 }
    var missing: [Placed] = []
    var common: [Placed] = []
    for (index, rule) in expected.enumerated() {
      if let count = counts[rule], count > 0 {
        counts[rule] = count - 1
        common.append(Placed(rule: rule, index: index))
      } else {
        missing.append(Placed(rule: rule, index: index))
      }
    }
    // The rules left in `counts` are extra. Of equal rules, the last ones are extra.
    var extra: [Placed] = []
    var kept: [Placed] = []
    for (index, rule) in actual.enumerated().reversed() {
      if let count = counts[rule], count > 0 {
        counts[rule] = count - 1
        extra.append(Placed(rule: rule, index: index))
      } else {
        kept.append(Placed(rule: rule, index: index))
      }
    }
    compareOrder(kept.reversed(), common)
    return (missing, extra.reversed())
  }

  /// Both chains hold the same rules. A rule is out of place if a rule that can match the same packet is on its other
  /// side.
  private mutating func compareOrder(_ actual: [Placed], _ expected: [Placed]) {
    let from = arranged(actual)
    let to = arranged(expected)
    if from.count > ChainDifference.largestSequence {
      for move in MovedRules.find(from: from.map(\.rule), to: to.map(\.rule)) {
        let rule = to[move.to].rule
        items.append(DifferenceItem(chain, .movedRule(rule, from: from[move.from].index, to: to[move.to].index)))
      }
      return
    }
    for change in to.map(\.rule).difference(from: from.map(\.rule)).inferringMoves() {
      guard case .insert(let index, let rule, let origin?) = change else { continue }
      items.append(DifferenceItem(chain, .movedRule(rule, from: from[origin].index, to: to[index].index)))
    }
  }

  /// Sorts each run of rules that exclude each other, because their order does not matter.
  private func arranged(_ rules: [Placed]) -> [Placed] {
    guard chain.isDispatch else { return rules }
    var result: [Placed] = []
    var run: [(placed: Placed, reach: RuleReach)] = []
    func endRun() {
      result += run.sorted { $0.reach < $1.reach }.map(\.placed)
      run.removeAll()
    }
    for placed in rules {
      let reach = RuleReach(placed.rule)
      if reach.isWide {
        endRun()
        result.append(placed)
      } else {
        run.append((placed, reach))
      }
    }
    endRun()
    return result
  }

  /// Pairs a missing rule with an extra rule that differs in one part only, and reports both as one changed rule.
  private mutating func pair(_ missing: inout [Placed], _ extra: inout [Placed]) {
    let likenesses: [(Rule) -> Rule?] = [
      { Rule($0.matches.filter { !$0.isCommentOrChance }, $0.target) },
      { Rule($0.matches.filter { !$0.isCommentOrChance }, nil) },
      { rule in rule.jumpTarget.map { _ in Rule([], rule.target) } },
    ]
    for likeness in likenesses {
      var candidates: [Rule: [Placed]] = [:]
      for placed in extra.reversed() {
        if ForeignRule.isForeign(placed.rule, in: chain) { continue }
        if let key = likeness(placed.rule) { candidates[key, default: []].append(placed) }
      }
      var used: Set<Int> = []
      missing.removeAll { placed in
        guard let key = likeness(placed.rule), let other = candidates[key]?.popLast() else { return false }
        used.insert(other.index)
        items.append(DifferenceItem(chain, .changedRule(other.rule, to: placed.rule, at: other.index)))
        return true
      }
      extra.removeAll { used.contains($0.index) }
    }
  }
}

extension Match {
  fileprivate var isCommentOrChance: Bool {
    switch self {
    case .comment, .statistic: true
    default: false
    }
  }
}

extension DifferenceItem {
  /// The place in its chain, for sorting.
  fileprivate var place: Int {
    switch kind {
    case .missingRule(_, let index), .extraRule(_, let index), .changedRule(_, _, let index),
      .movedRule(_, let index, _), .foreignRule(_, let index), .repeatedJump(_, let index),
      .foreignRuleBeforeJump(_, let index, _):
      index
    case .missingChain, .extraChain, .missingJump: 0
    }
  }
}
