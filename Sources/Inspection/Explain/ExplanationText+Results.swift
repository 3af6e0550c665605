import IPTables
import RuleAnalysis
import ServiceModel

/// The results: which endpoints packets reach and which source address these see, or why packets do not arrive.
extension ExplanationText {
  mutating func results() {
    lines.append("")
    let delivered = explanation.choices.filter { $0.verdict == .delivered && $0.isTranslated }
    if !delivered.isEmpty { table(delivered) }
    var failures: [Failure] = []
    for choice in explanation.choices where choice.verdict != .delivered || !choice.isTranslated || choice.isMissed {
      if let place = failures.firstIndex(where: { $0.choice.isSameFailure(as: choice) }) {
        failures[place].probability += choice.probability
      } else {
        failures.append(Failure(choice: choice, probability: choice.probability))
      }
    }
    for failure in failures { verdict(failure) }
  }

  private mutating func table(_ choices: [ExplainedChoice]) {
    let addresses = choices.map(\.destination.description)
    let first = max(8, addresses.map(\.count).max() ?? 0)
    let hasNodes = choices.contains { $0.node != nil }
    let second = hasNodes ? max(4, choices.map { $0.node?.count ?? 1 }.max() ?? 0) + 2 : 0
    lines.append(
      style.heading(
        "  \("reaches".padded(first))  \("chance".leftPadded(9))  \(hasNodes ? "node".padded(second) : "")sees"))
    let common = commonSource(choices)
    for choice in shown(choices) {
      let node = hasNodes ? (choice.node ?? "?").padded(second) : ""
      let address = style.good(choice.destination.description.padded(first))
      let start = "  \(address)  \(percent(choice.probability).leftPadded(9))  \(node)"
      let plainWidth = 2 + first + 2 + 9 + 2 + (hasNodes ? second : 0)
      let said = common == nil ? source(choice) : "an address of this node"
      for (index, text) in said.wrapped(max(24, ExplanationText.width - plainWidth)).enumerated() {
        let text = choice.source.kept == nil ? style.notable(text) : text
        lines.append((index == 0 ? start : String(repeating: " ", count: plainWidth)) + text)
      }
    }
    more(choices)
    if let common { paragraph("masqueraded, as \(common)", indent: 2) }
  }

  /// The reason why all choices are masqueraded; nil if some are not or the reasons differ.
  private func commonSource(_ choices: [ExplainedChoice]) -> String? {
    guard let first = choices.first, first.source == .masqueraded, let reason = first.masqueradeReason,
      choices.allSatisfy({ $0.source == .masqueraded && $0.masqueradeReason == reason })
    else { return nil }
    return reason
  }

  private func source(_ choice: ExplainedChoice) -> String {
    let why = choice.masqueradeReason.map { ", as \($0)" } ?? ""
    return switch choice.source {
    case .kept(let address): address.description
    case .masqueraded: "an address of this node\(why)"
    case .translated(let text): "\(text)\(why)"
    }
  }

  /// The sum of all ways that fail for the same reason.
  private struct Failure {
    let choice: ExplainedChoice
    var probability: Double
  }

  private mutating func verdict(_ failure: Failure) {
    let choice = failure.choice
    let share = failure.probability < 0.9999999 ? " (\(percent(failure.probability)))" : ""
    switch choice.verdict {
    case .delivered:
      lines.append("  " + style.notable(choice.isTranslated ? "goes to another Service" : "not translated") + share)
    case .rejected: lines.append("  " + style.bad("refused at once") + share)
    case .dropped: lines.append("  " + style.bad("dropped, the client gets no answer") + share)
    case .undecided: lines.append("  " + style.notable("cannot be determined") + share)
    }
    if let reason = choice.reason { paragraph("why: " + reason, indent: 4) }
    if let advice = choice.advice { paragraph("what helps: " + advice, indent: 4) }
  }
}

extension ExplainedChoice {
  fileprivate func isSameFailure(as other: ExplainedChoice) -> Bool {
    verdict == other.verdict && reason == other.reason && advice == other.advice
  }
}
