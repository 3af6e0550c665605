import IPTables
import Planner

extension HostFeatures {
  /// The features of the host that wrote these rules, as far as the rules show them.
  public init(shownBy rules: RuleSet) {
    self.init()
    let masquerade = rules[.nat, .kubePostrouting]?.compactMap(\.target) ?? []
    if masquerade.contains(.masquerade(randomFully: false)) { randomFully = false }
    accounting = (rules[.filter, .kubeForward] ?? []).contains { rule in
      rule.matches.contains { if case .accounting = $0 { true } else { false } }
    }
  }
}
