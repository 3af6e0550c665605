import IPTables
import Planner

extension RuleFeatures {
  /// The features of the host that wrote these rules, as far as the rules show them.
  package init(shownBy rules: RuleSet) {
    self.init()
    let postrouting = rules[.nat, .kubePostrouting] ?? []
    let masquerade = postrouting.compactMap(\.target)
    if masquerade.contains(.masquerade(randomFully: false)) { randomFully = false }
    // Without this rule, endpoints have chains: compact rules were not planned, or the host lacks the bpf match.
    bpf = postrouting.contains { $0.matches.contains(.sameAddresses(rules.family)) }
    accounting = (rules[.filter, .kubeForward] ?? []).contains { rule in
      rule.matches.contains { if case .accounting = $0 { true } else { false } }
    }
  }
}
