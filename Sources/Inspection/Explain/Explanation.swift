import IPTables
import RuleAnalysis
import ServiceModel

/// What the rules do to one packet, and why.
package struct Explanation: Sendable {
  package let packet: Packet
  /// `a pod`, `a client outside`, …
  package let sender: String
  /// The Service address that the packet is for; nil if the packet is for no Service.
  package let subject: ServiceAddress?
  /// The Services that have the packet's destination address.
  let owners: AddressOwners
  package let family: IPFamily
  /// The steps that all ways share: those before the first rule with a statistic match.
  let wayIn: [ExplainedStep]
  /// The ways that the packet can take. There is one unless rules choose by chance.
  package let choices: [ExplainedChoice]
  /// The steps after an endpoint was chosen. Choices with the same steps share one element.
  let continuations: [ExplainedContinuation]
  /// How topology hints restrict the endpoints on this node; nil if they do not matter for this packet.
  package let hints: ExplainedHints?
  /// Further facts for the reader, such as foreign rules, assumptions and clashes.
  package let notes: [String]

  /// One verdict for all ways of the packet.
  package enum Summary: String, Sendable {
    /// Every way ends at a destination.
    case delivered
    /// On some ways the packet is refused or dropped, or does not reach the Service that it is for.
    case failing
    /// This program does not understand a rule that decides about the packet.
    case undecided
  }

  package var summary: Summary {
    if choices.contains(where: { if case .undecided = $0.verdict { true } else { false } }) { return .undecided }
    return choices.allSatisfy { $0.verdict == .delivered && !$0.isMissed } ? .delivered : .failing
  }
}

/// A rule that the packet met, described in words.
package struct ExplainedStep: Hashable, Sendable {
  package let table: Table
  package let hook: ChainName
  package let chain: ChainName
  /// The rule's number in its chain, from 1 as `iptables -L --line-numbers` counts.
  package let number: Int
  package let text: String
  /// The rule as iptables writes it; nil for a policy.
  package let rule: String?
  package let service: ServiceLabel?
  /// The endpoint that the rule leads to or translates to.
  package let endpoint: SocketAddress?
  /// Whether it is a jump to a chain in which nothing matched.
  package let isIdle: Bool
}

/// One way that the packet can take.
package struct ExplainedChoice: Sendable {
  package let probability: Double
  package let steps: [ExplainedStep]
  package let destination: SocketAddress
  package let isTranslated: Bool
  /// Whether the packet is for a Service and does not get there: it goes on untranslated, or to another Service.
  package let isMissed: Bool
  package let verdict: WalkVerdict
  package let source: SeenSource
  /// Why the packet is masqueraded.
  let masqueradeReason: String?
  /// Why the packet is refused, dropped or not translated.
  package let reason: String?
  /// What would have to change.
  package let advice: String?
  /// The node that the endpoint runs on; nil if the objects do not name it.
  package let node: String?
  /// The index in `Explanation.continuations` of the steps that follow.
  package let continuation: Int
}

/// The steps after address translation.
package struct ExplainedContinuation: Sendable {
  package let steps: [ExplainedStep]
  /// The indices of the choices that continue with these steps.
  package let choices: [Int]
}
