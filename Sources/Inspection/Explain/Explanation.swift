import IPTables
import RuleAnalysis
import ServiceModel

/// What the rules do to one packet, and why.
public struct Explanation: Sendable {
  public let packet: Packet
  /// `a pod`, `a client outside`, …
  public let sender: String
  /// The Service address that the packet is for; nil if it is none.
  public let subject: ServiceAddress?
  public let family: IPFamily
  /// The steps that all ways share: those before the first rule with a statistic match.
  public let wayIn: [ExplainedStep]
  /// The ways that the packet can take. There is one unless rules choose by chance.
  public let choices: [ExplainedChoice]
  /// The steps after an endpoint was chosen. Choices with the same steps share one element.
  public let continuations: [ExplainedContinuation]
  /// How topology hints restrict the endpoints on this node; nil if they do not matter for this packet.
  public let hints: ExplainedHints?
  /// Further facts for the reader, such as foreign rules, assumptions and clashes.
  public let notes: [String]

  /// One verdict for all ways of the packet.
  public enum Summary: String, Sendable {
    /// Every way ends at a destination.
    case delivered
    /// On some ways the packet is refused or dropped, or does not reach the Service that it is for.
    case failing
    /// This program does not understand a rule that decides about the packet.
    case undecided
  }

  public var summary: Summary {
    if choices.contains(where: { if case .undecided = $0.verdict { true } else { false } }) { return .undecided }
    return choices.allSatisfy { $0.verdict == .delivered && !$0.isMissed } ? .delivered : .failing
  }
}

/// A rule that the packet met, described in words.
public struct ExplainedStep: Hashable, Sendable {
  public let table: Table
  public let hook: ChainName
  public let chain: ChainName
  /// The rule's number in its chain, from 1 as `iptables -L --line-numbers` counts.
  public let number: Int
  public let text: String
  /// The rule as iptables writes it; nil for a policy.
  public let rule: String?
  public let service: ServiceLabel?
  /// The endpoint that the rule leads to or translates to.
  public let endpoint: SocketAddress?
  /// Whether it is a jump to a chain in which nothing matched.
  public let isIdle: Bool
}

/// One way that the packet can take.
public struct ExplainedChoice: Sendable {
  public let probability: Double
  public let steps: [ExplainedStep]
  public let destination: SocketAddress
  public let isTranslated: Bool
  /// Whether the packet is for a Service and does not get there: it goes on untranslated, or to another Service.
  public let isMissed: Bool
  public let verdict: WalkVerdict
  public let source: SeenSource
  /// Why the packet is masqueraded.
  public let masqueradeReason: String?
  /// Why the packet is refused, dropped or not translated.
  public let reason: String?
  /// What would have to change.
  public let advice: String?
  /// The node that the endpoint runs on; nil if the objects do not name it.
  public let node: String?
  /// The index in `Explanation.continuations` of the steps that follow.
  public let continuation: Int
}

/// The steps after address translation.
public struct ExplainedContinuation: Sendable {
  public let steps: [ExplainedStep]
  /// The indices of the choices that continue with these steps.
  public let choices: [Int]
}
