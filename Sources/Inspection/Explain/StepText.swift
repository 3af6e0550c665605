import IPTables
import RuleAnalysis
import ServiceModel

/// Describes in words what a rule does to a packet that matches it.
struct StepText {
  let scene: Scene

  /// The steps in words, in the same order.
  ///
  /// - Parameter following: the step after the last of them.
  func steps(_ steps: some BidirectionalCollection<WalkStep>, before following: WalkStep? = nil) -> [ExplainedStep] {
    var next = following
    var result: [ExplainedStep] = []
    for step in steps.reversed() {
      let explained = self.step(step, before: next)
      if !explained.isIdle { next = step }
      result.append(explained)
    }
    return result.reversed()
  }

  /// - Parameter next: the next step that is not idle.
  private func step(_ step: WalkStep, before next: WalkStep?) -> ExplainedStep {
    let key = ChainKey(step.table, step.chain)
    let callee = step.rule?.jumpTarget
    let isIdle =
      callee != nil && callee != .markMasquerade && (next.map { $0.chain != callee || $0.table != step.table } ?? true)
    var endpoint = callee.flatMap { scene.index.endpoints[ChainKey(step.table, $0)] }
    if case .destinationNAT(let address) = step.rule?.target { endpoint = address }
    return ExplainedStep(
      table: step.table, hook: step.hook, chain: step.chain, number: step.index + 1, text: text(step),
      rule: step.rule.map { "-A \(step.chain) \($0)" },
      service: step.rule.flatMap { scene.index.owner(of: $0, in: key) },
      endpoint: endpoint, isIdle: isIdle)
  }

  private func text(_ step: WalkStep) -> String {
    switch step.event {
    case .policy(let policy): "the chain's policy is \(policy.rawValue)"
    case .matched(let rule): matched(rule, ChainKey(step.table, step.chain))
    case .notChosen(let rule): "not chosen: \(subject(rule) ?? rule.description)"
    case .assumedNoMatch(let rule, let reason): "\(assumption(reason)): \(rule)"
    }
  }

  private func assumption(_ reason: Doubt.Reason) -> String {
    switch reason {
    case .inInterface: "taken as not matching, the incoming interface is not known"
    default: "taken as not matching, cannot be evaluated"
    }
  }

  private func matched(_ rule: Rule, _ chain: ChainKey) -> String {
    switch rule.target {
    case .jump(.markMasquerade): MasqueradeReason(rule, in: chain, scene: scene).text + ": masquerade"
    case .setMark: "mark the packet for masquerading"
    case .flipMark: "take the mark back"
    case .masquerade where rule.findsHairpins:
      MasqueradeReason(rule, in: chain, scene: scene).text + ": the source becomes an address of this node"
    case .masquerade: "the source becomes an address of this node"
    case .destinationNAT(let endpoint): "the destination becomes \(endpoint)"
    case .jump(let target), .goTo(let target): jump(rule, to: target)
    case .accept: with(rule, "accepted")
    case .drop: with(rule, "dropped")
    case .reject: with(rule, "refused")
    case .return: rule.isForUnmarked ? "not marked: the source is kept" : with(rule, "back to the caller")
    case .other(let words): with(rule, words.joined(separator: " "))
    case nil: subject(rule) ?? "counted"
    }
  }

  private func jump(_ rule: Rule, to target: ChainName) -> String {
    for case .recentCheck(_, let seconds) in rule.matches {
      return "client affinity: used this endpoint in the last \(seconds) s → \(target)"
    }
    // The line of the rule that translates to the endpoint shows its address.
    if target.prefix == .endpoint { return "→ \(target)" }
    return with(rule, "→ \(target)", separator: " ")
  }

  private func with(_ rule: Rule, _ what: String, separator: String = ": ") -> String {
    guard let subject = subject(rule) else { return what }
    return "\(subject)\(separator)\(what)"
  }

  /// What a rule is about: its comment, or its conditions.
  private func subject(_ rule: Rule) -> String? {
    // kube-proxy puts notes for people who edit rules after a semicolon.
    if let comment = rule.comment { return String(comment.prefix { $0 != ";" }) }
    let conditions = rule.matches.filter {
      switch $0 {
      case .statistic, .accounting, .transport, .protocolAlone: false
      default: true
      }
    }
    return conditions.isEmpty ? nil : Rule(conditions, nil).description
  }
}

extension Rule {
  fileprivate var isForUnmarked: Bool {
    matches.contains { if case .mark(_, _, negated: true) = $0 { true } else { false } }
  }
}
