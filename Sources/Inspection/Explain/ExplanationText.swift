import IPTables
import RuleAnalysis
import ServiceModel

/// An explanation as text of at most 100 columns.
package struct ExplanationText {
  static let width = 100
  /// If there are more choices, the text shows the first ones and counts the rest, unless `isVerbose`.
  private static let shownChoices = 12
  let explanation: Explanation
  let style: TextStyle
  private let isVerbose: Bool
  var lines: [String] = []

  /// - Parameter isVerbose: whether to show each rule as iptables writes it, and all endpoints.
  package init(_ explanation: Explanation, style: TextStyle = TextStyle(isColored: false), isVerbose: Bool = false) {
    self.explanation = explanation
    self.style = style
    self.isVerbose = isVerbose
    title()
    path()
    results()
    hints()
    notes()
  }

  package var text: String { lines.joined(separator: "\n") + "\n" }

  private mutating func title() {
    let packet = explanation.packet
    lines.append(
      style.heading("\(packet.source) → \(packet.destination)/\(packet.transport.rawValue)"))
    var role = "from \(explanation.sender)"
    if let subject = explanation.subject {
      let port = subject.label.port.isEmpty ? "" : ", port \(subject.label.port)"
      role += " to \(subject.kind.article) \(subject.kind.name) of Service \(subject.label.service)\(port)"
    } else {
      role += " to \(explanation.owners.destination)"
    }
    paragraph(role, indent: 2)
  }

  private mutating func path() {
    let start = lines.count
    steps(explanation.wayIn)
    let chosen = explanation.choices.filter { !$0.steps.isEmpty }
    if explanation.choices.count > 1, !chosen.isEmpty { choices(chosen) }
    for continuation in explanation.continuations where !continuation.steps.isEmpty {
      continuationHeading(continuation)
      steps(continuation.steps)
    }
    if lines.count > start { lines.insert("", at: start) }
  }

  private mutating func choices(_ choices: [ExplainedChoice]) {
    lines.append("  " + style.quiet("one of \(choices.count) is chosen at random:"))
    for choice in shown(choices) {
      var label = percent(choice.probability).leftPadded(9)
      for step in choice.steps where isShown(step) {
        // The line of the jump to an endpoint's chain already shows the endpoint.
        if !isVerbose, step.chain.prefix == .endpoint, step.endpoint != nil { continue }
        // A rule that translates names the endpoint itself.
        let text = step.endpoint.flatMap { step.text.hasSuffix($0.description) ? nil : "\(step.text) → \($0)" }
        self.step(step, text: text, prefix: label + " ")
        label = String(repeating: " ", count: label.count)
      }
    }
    more(choices)
    let rest = explanation.choices.filter(\.steps.isEmpty)
    if !rest.isEmpty {
      let sum = percent(rest.reduce(0) { $0 + $1.probability }).leftPadded(9)
      lines.append("  \(sum) " + style.notable("none of them: the chain ends without a choice"))
    }
  }

  private mutating func continuationHeading(_ continuation: ExplainedContinuation) {
    guard explanation.continuations.count > 1 else { return }
    let some = continuation.choices.map { explanation.choices[$0] }
    let names = some.prefix(2).map(\.destination.description).joined(separator: ", ")
    let rest = some.count > 2 ? " and \(some.count - 2) more" : ""
    lines.append("  " + style.quiet("then, to \(names)\(rest):"))
  }

  /// Leaves out jumps to chains in which no rule matched, unless `isVerbose`.
  private func isShown(_ step: ExplainedStep) -> Bool { isVerbose || !step.isIdle }

  private mutating func steps(_ steps: [ExplainedStep]) {
    for step in steps where isShown(step) { self.step(step, text: nil, prefix: "") }
  }

  private mutating func step(_ step: ExplainedStep, text: String?, prefix: String) {
    let chain = step.chain.description.padded(25)
    let start = "  \(prefix)\(step.table.rawValue.padded(6)) \(chain) \(String(step.number).leftPadded(3))  "
    let texts = (text ?? step.text).wrapped(max(20, ExplanationText.width - start.count))
    lines.append(start + texts[0])
    lines += texts.dropFirst().map { String(repeating: " ", count: start.count) + $0 }
    // The rule stays on one line so that it can be copied.
    if isVerbose, let rule = step.rule { lines.append("         " + style.quiet(rule.visible)) }
  }

  private mutating func notes() {
    for note in explanation.notes { paragraph("note: " + note, indent: 2) }
  }

  func shown<Item>(_ choices: [Item]) -> [Item] {
    isVerbose || choices.count <= ExplanationText.shownChoices
      ? choices : Array(choices.prefix(ExplanationText.shownChoices - 2))
  }

  mutating func more(_ choices: [ExplainedChoice]) {
    let rest = choices.dropFirst(shown(choices).count)
    guard !rest.isEmpty else { return }
    let sum = percent(rest.reduce(0) { $0 + $1.probability })
    lines.append(style.quiet("  … \(rest.count) more, together \(sum) (--verbose shows them)"))
  }

  mutating func paragraph(_ text: String, indent: Int) {
    let margin = String(repeating: " ", count: indent)
    for (index, line) in text.wrapped(ExplanationText.width - indent - 2).enumerated() {
      lines.append(margin + (index == 0 ? "" : "  ") + line)
    }
  }
}
