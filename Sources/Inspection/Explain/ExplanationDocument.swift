import IPTables
import Planner
import RuleAnalysis
import ServiceModel

/// An explanation as data for JSON.
package struct ExplanationDocument: Encodable, Sendable {
  let source: String
  let destination: String
  let `protocol`: String
  let family: IPFamily
  let sender: String
  let subject: Subject?
  let summary: String
  let steps: [Step]
  let choices: [Choice]
  /// Missing if topology hints do not matter for this packet.
  let hints: Hints?
  let notes: [String]

  struct Subject: Encodable, Sendable {
    let service: String
    let port: String
    let kind: String
  }

  struct Step: Encodable, Sendable {
    let table: Table
    let hook: String
    let chain: String
    let number: Int
    let text: String
    let rule: String?
    let service: String?
  }

  struct Choice: Encodable, Sendable {
    let probability: Double
    /// `delivered`, `missed` (for a Service, but not translated, or sent to another Service), `rejected`, `dropped` or
    /// `undecided`.
    let verdict: String
    let destination: String
    let isTranslated: Bool
    let isMasqueraded: Bool
    /// null if the packet is masqueraded, so that the endpoint sees an address of the node.
    let seenSource: String?
    let masqueradeReason: String?
    let reason: String?
    let advice: String?
    let node: String?
    let steps: [Step]
  }

  struct Hints: Encodable, Sendable {
    /// `node` or `zone`; missing if hints are not used.
    let inForce: String?
    /// The node or zone that traffic stays in.
    let place: String?
    let leftOut: [LeftOut]
    let ignored: [Ignored]

    struct LeftOut: Encodable, Sendable {
      let endpoint: String
      let places: [String]
      let node: String?
    }

    struct Ignored: Encodable, Sendable {
      let kind: String
      let reason: String
    }
  }

  package init(_ explanation: Explanation) {
    source = explanation.packet.source.description
    destination = explanation.packet.destination.description
    `protocol` = explanation.packet.transport.rawValue
    family = explanation.family
    sender = explanation.sender
    subject = explanation.subject.map(Subject.init)
    summary = explanation.summary.rawValue
    steps = explanation.wayIn.map(Step.init)
    choices = explanation.choices.map { choice in
      Choice(choice, after: explanation.continuations[choice.continuation].steps)
    }
    hints = explanation.hints.map(Hints.init)
    notes = explanation.notes
  }
}

extension ExplanationDocument.Subject {
  init(_ address: ServiceAddress) {
    self.init(
      service: address.label.service.description, port: address.label.port, kind: address.kind.name)
  }
}

extension ExplanationDocument.Step {
  init(_ step: ExplainedStep) {
    self.init(
      table: step.table, hook: step.hook.description, chain: step.chain.description, number: step.number,
      text: step.text, rule: step.rule, service: step.service?.description)
  }
}

extension ExplanationDocument.Hints {
  init(_ hints: ExplainedHints) {
    self.init(
      inForce: hints.inForce?.rawValue, place: hints.place,
      leftOut: hints.leftOut.map {
        LeftOut(endpoint: $0.endpoint.description, places: $0.places, node: $0.node)
      }, ignored: hints.ignored.map { Ignored(kind: $0.kind.rawValue, reason: $0.reason) })
  }
}

extension ExplanationDocument.Choice {
  init(_ choice: ExplainedChoice, after: [ExplainedStep]) {
    let verdict =
      switch choice.verdict {
      case .delivered: choice.isMissed ? "missed" : "delivered"
      case .rejected: "rejected"
      case .dropped: "dropped"
      case .undecided: "undecided"
      }
    let seen: String? =
      switch choice.source {
      case .kept(let address): address.description
      case .translated(let text): text
      case .masqueraded: nil
      }
    self.init(
      probability: choice.probability, verdict: verdict, destination: choice.destination.description,
      isTranslated: choice.isTranslated, isMasqueraded: choice.source == .masqueraded, seenSource: seen,
      masqueradeReason: choice.masqueradeReason, reason: choice.reason, advice: choice.advice, node: choice.node,
      steps: (choice.steps + after).map(ExplanationDocument.Step.init))
  }
}
