import IPTables
import Planner

extension HostFeatures {
  /// What the host that these rules are from can do, as far as rules show it.
  public init(shownBy rules: RuleSet) {
    self.init()
    let masquerade = rules[.nat, .kubePostrouting]?.compactMap(\.target) ?? []
    if masquerade.contains(.masquerade(randomFully: false)) { randomFully = false }
    accounting = (rules[.filter, .kubeForward] ?? []).contains { rule in
      rule.matches.contains { if case .accounting = $0 { true } else { false } }
    }
  }
}
