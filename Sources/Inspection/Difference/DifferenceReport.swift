import IPTables
import RuleAnalysis
import ServiceModel

/// Differences of one family's rules, grouped by the Service they concern.
package struct DifferenceReport: Sendable {
  /// The items of one Service, or those that belong to no single Service.
  package struct Group: Sendable {
    /// nil for what belongs to no Service or to several: jumps, marks, whole chains that lead to Services.
    package let service: NamespacedName?
    package let items: [DifferenceItem]
  }

  package let family: IPFamily
  /// Ordered by Service; what belongs to no single Service comes first.
  package let groups: [Group]
  /// Rules of other programs that can affect packets which are for the proxy's rules.
  package let remarks: [DifferenceItem]

  /// Whether the service proxy has no chain at all, though the plan has some.
  let lacksEverything: Bool

  package var isEmpty: Bool { groups.isEmpty }
  var deviationCount: Int { groups.reduce(0) { $0 + $1.items.count } }

  /// - Parameter owners: the Services of chains that the rules may not show, because a chain that jumps to them is left
  ///   out.
  package init(from actual: RuleSet, to expected: RuleSet, owners: [ChainKey: NamespacedName] = [:]) {
    family = expected.family
    let difference = RuleSetDifference(from: actual, to: expected)
    let indices = [RuleIndex(expected), RuleIndex(actual)]
    let grouped = Dictionary(grouping: difference.deviations) { item in
      owners[item.chain] ?? indices.lazy.compactMap { $0.service(of: item) }.first
    }
    groups = grouped.map { Group(service: $0.key, items: $0.value) }.sorted { one, other in
      guard let first = one.service else { return true }
      guard let second = other.service else { return false }
      return first < second
    }
    remarks = difference.items.filter(\.isRemark)
    lacksEverything =
      !groups.isEmpty
      && !actual.tables.values.contains { $0.keys.contains { $0.isServiceProxys && $0 != .kubeFirewall } }
  }
}

extension RuleIndex {
  /// The Service that a difference is about; nil if it is about none or several.
  func service(of item: DifferenceItem) -> NamespacedName? {
    if let owner = owners[item.chain] { return owner.service }
    switch item.kind {
    case .missingRule(let rule, _), .extraRule(let rule, _), .movedRule(let rule, _, _), .foreignRule(let rule, _):
      return owner(of: rule, in: item.chain)?.service
    case .changedRule(let rule, let other, _):
      return owner(of: other, in: item.chain)?.service ?? owner(of: rule, in: item.chain)?.service
    // No rule that jumps to the chain shows its Service, but the comments of its own rules may.
    case .missingChain(let rules), .extraChain(let rules):
      if item.chain.isShared(rules) { return nil }
      return rules.lazy.compactMap { ServiceLabel(commentOf: $0) }.first?.service
    case .missingJump, .repeatedJump, .foreignRuleBeforeJump: return nil
    }
  }
}

extension ChainKey {
  /// Whether several Services share the chain. All well-known chains are shared. A chain of a dispatch tree has a name
  /// like that of a Service's own chain, but its rules lead from addresses to Services. In a Service's own chain, only
  /// a rule that marks packets for masquerading can match the Service's address.
  fileprivate func isShared(_ rules: [Rule]) -> Bool {
    name.prefix == nil || rules.contains { $0.target != .jump(.markMasquerade) && ServiceAddress($0, in: self) != nil }
  }
}

extension DifferenceItem {
  /// One word for the kind of difference.
  var word: String {
    switch kind {
    case .missingChain, .missingRule, .missingJump: "missing"
    case .extraChain, .extraRule: "extra"
    case .changedRule: "changed"
    case .movedRule: "moved"
    case .foreignRule, .foreignRuleBeforeJump: "foreign"
    case .repeatedJump: "repeated"
    }
  }
}

extension DifferenceItem.Kind {
  /// The kind in JSON and in metrics.
  package var name: String {
    switch self {
    case .missingChain: "missingChain"
    case .extraChain: "extraChain"
    case .missingRule: "missingRule"
    case .extraRule: "extraRule"
    case .changedRule: "changedRule"
    case .movedRule: "movedRule"
    case .foreignRule: "foreignRule"
    case .missingJump: "missingJump"
    case .repeatedJump: "repeatedJump"
    case .foreignRuleBeforeJump: "foreignRuleBeforeJump"
    }
  }
}
