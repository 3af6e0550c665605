import IPTables
import Inspection
import RuleAnalysis
import ServiceModel

/// What kind of finding it is: the label `kind` of the metric.
package enum ShadowKind: String, Hashable, Sendable, CaseIterable {
  case missingChain, extraChain, missingRule, extraRule, changedRule, movedRule, foreignRule, missingJump, repeatedJump
  /// A rule of another program in a built-in chain, before the service proxy's jump. Both proxies leave such a rule
  /// where it is.
  case foreignRuleBeforeJump
  /// kube-proxy may write it in several ways, so it proves nothing.
  case open

  /// Whether the rules of the two proxies differ.
  package var isDifference: Bool { self != .open && self != .foreignRuleBeforeJump }
}

/// One thing in which the kernel differs from the plan. Two findings of different comparisons are equal if they are
/// about the same rule, wherever in the chain it stands.
package struct ShadowFinding: Hashable, Sendable {
  /// nil for rules of no Service or of many.
  let service: NamespacedName?
  let kind: ShadowKind
  let chain: ChainKey
  /// The rules that it is about, as text; empty for a whole chain.
  package let text: String
  /// Tells equal rules of one chain apart.
  var occurrence = 0

  init(service: NamespacedName?, kind: ShadowKind, chain: ChainKey, text: String) {
    self.service = service
    self.kind = kind
    self.chain = chain
    self.text = text
  }

  /// nil if the item is not a difference.
  init?(_ item: DifferenceItem, service: NamespacedName?, isOpen: Bool) {
    guard let kind = ShadowKind(rawValue: item.kind.name) else { return nil }
    // All other remarks are about the kubelet's rules in the chain that it shares with the proxy.
    if item.isRemark, kind != .foreignRuleBeforeJump { return nil }
    let text =
      switch item.kind {
      case .missingChain, .extraChain: ""
      case .missingRule(let rule, _), .extraRule(let rule, _), .movedRule(let rule, _, _), .foreignRule(let rule, _),
        .missingJump(let rule), .repeatedJump(let rule, _), .foreignRuleBeforeJump(let rule, _, _):
        rule.description
      case .changedRule(let rule, let planned, _): "\(rule) instead of \(planned)"
      }
    self.init(service: service, kind: isOpen ? .open : kind, chain: item.chain, text: text)
  }

  /// Numbers findings that are otherwise equal.
  static func numbered(_ findings: [ShadowFinding]) -> [ShadowFinding] {
    var counts: [ShadowFinding: Int] = [:]
    return findings.map { finding in
      var numbered = finding
      numbered.occurrence = counts[finding, default: 0]
      counts[finding, default: 0] += 1
      return numbered
    }
  }

  /// For people: the table, the chain and the rule.
  package var place: String { "\(chain.table.rawValue) \(chain.name)" + (text.isEmpty ? "" : ": \(text)") }
}
